/* What the documents share. */
#include <gateway/autodiscover/documents.h>

#include <openssl/sha.h>

const struct discovery_endpoint *discovery_best(const struct discovery *d, enum discovery_service service,
						enum discovery_security *ret_security)
{
	for (int s = 0; s < DISCOVERY_SECURITY_MAX_; s++) {
		if (!d->endpoint[service][s].host)
			continue;
		*ret_security = (enum discovery_security)s;
		return &d->endpoint[service][s];
	}
	return NULL;
}

bool discovery_has_mail(const struct discovery *d)
{
	enum discovery_security unused;

	for (int s = 0; s < DISCOVERY_SERVICE_MAX_; s++)
		if (discovery_best(d, (enum discovery_service)s, &unused))
			return true;
	return false;
}

struct str discovery_domain(struct str address)
{
	size_t at = address.n;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return at > 0 ? str_slice(address, at, address.n) : STR_EMPTY;
}

void discovery_uuid(struct str name, char ret[37])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[SHA256_DIGEST_LENGTH];
	char *at = ret;

	SHA256((const unsigned char *)name.p, name.n, hash);
	hash[6] = (unsigned char)((hash[6] & 0x0f) | 0x50);
	hash[8] = (unsigned char)((hash[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = digits[hash[i] >> 4];
		*at++ = digits[hash[i] & 15];
	}
	*at = '\0';
}
