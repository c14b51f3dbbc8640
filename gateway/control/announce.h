/*
 * How another process (roostctl) tells a running roostd what it writes, so that held requests wake and caches are
 * refreshed. The client names a mailbox before its transaction begins and says when it has committed; when the
 * connection ends, for whatever reason, roostd looks at each mailbox that was named and not yet committed. So a writer
 * that is killed between its commit and its word loses no wake.
 *
 * The wire: a Unix stream socket in the state directory (mode 0600), lines of ASCII.
 *	client: begin MAILBOX        server: ok
 *	client: committed MAILBOX    server: ok
 *	client: account ACCOUNT      server: ok      (its password, state or existence has changed: its sessions end)
 *	client: device DEVICE        server: ok      (its partnership has ended, and what is held for it does)
 *	client: policies SECONDS     server: ok      (what phones have to keep to has changed: holds end within that time)
 * Anything else: "error TEXT", and the server closes.
 */
#ifndef GATEWAY_CONTROL_ANNOUNCE_H
#define GATEWAY_CONTROL_ANNOUNCE_H

#include <base/err.h>
#include <base/str.h>

enum {
	ANNOUNCE_LINE_MAX = 128,
	ANNOUNCE_MAX_MAILBOXES = 10000, /* named by one connection and not yet committed */
	ANNOUNCE_MAX_SPREAD_S = 3600,
	ANNOUNCE_TIMEOUT_MS = 5000, /* a client waits for roostd no longer than this */
};
#define ANNOUNCE_SOCKET_NAME "roostd.sock"
#define ANNOUNCE_OK S("ok\n")

struct announcer;

/*
 * Connects to the roostd of that state directory. Where none is running, or the one that was has gone, each call below
 * looks for one again. ERR_IO: its socket is there and can't be used. Blocking; for one thread at a time.
 */
enum err announce_connect(const char *state_dir, struct announcer **ret) MUST_CHECK;
void announce_close(struct announcer **ap);

/*
 * All swallow errors: a roostd that went away hears nothing, and the commit stands. One that does not answer within
 * ANNOUNCE_TIMEOUT_MS is not asked again. NULL-safe.
 */
void announce_begin(struct announcer *a, int64_t mailbox);
void announce_committed(struct announcer *a, int64_t mailbox);
void announce_account(struct announcer *a, int64_t account);
void announce_device(struct announcer *a, int64_t device);
void announce_policies(struct announcer *a, int64_t within_s);

/* The server's side of one line, pure: what is said, and of whom. */
enum announce_verb { ANNOUNCE_BEGIN, ANNOUNCE_COMMITTED, ANNOUNCE_ACCOUNT, ANNOUNCE_DEVICE, ANNOUNCE_POLICIES };
enum err announce_parse(struct str line, enum announce_verb *ret_verb, int64_t *ret_id) MUST_CHECK;

#endif
