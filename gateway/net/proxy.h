/*
 * The header with which a proxy tells whom it speaks for: PROXY protocol, versions 1 (text) and 2 (binary), as haproxy
 * publishes it in doc/proxy-protocol.txt. A pure function of bytes. Any thread.
 */
#ifndef GATEWAY_NET_PROXY_H
#define GATEWAY_NET_PROXY_H

#include <gateway/net/addr.h>

enum {
	PROXY_V1_MAX_BYTES = 107,  /* section 2.1, with its CRLF */
	PROXY_V2_MAX_BYTES = 4096, /* ours; room for what proxies tell in TLVs, far below the 64 KiB the form allows */
};

enum proxy_result { PROXY_DONE, PROXY_NEED_MORE, PROXY_BAD };

enum proxy_source {
	PROXY_SELF, /* nobody is named (LOCAL, UNKNOWN, unspecified): the connection is the proxy's own */
	PROXY_IP,
	PROXY_UNIX,
};

struct proxy_header {
	size_t n; /* bytes of the header; what follows is the client's */
	enum proxy_source source;
	struct net_ip ip; /* of PROXY_IP */
};

/*
 * Reads the header that `in` begins with. PROXY_NEED_MORE: all of `in` belongs to it. PROXY_BAD is said as soon as it is
 * certain. *ret is written for PROXY_DONE alone. TLVs are skipped, but must fill the header as they say.
 */
enum proxy_result proxy_parse(struct str in, struct proxy_header *ret);

#endif
