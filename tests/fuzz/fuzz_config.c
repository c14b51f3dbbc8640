/* The configuration: what is refused says why, with whole lines; what is taken keeps what its header promises. */
#include <gateway/config/config.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_config(const struct config *c)
{
	unsigned certificates = 0;

	check(c->server.hostname && *c->server.hostname);
	check(!c->server.default_domain || *c->server.default_domain);
	check(c->server.state_dir[0] == '/');
	for (const struct config_certificate *t = c->tls; t; t = t->next) {
		check(t->certificate[0] == '/' && t->key[0] == '/');
		check(t == c->tls || t->name); /* [tls] is the first */
		certificates++;
	}
	check(certificates <= CONFIG_MAX_CERTIFICATES);
	for (size_t i = 0; i < c->http.listen.n; i++)
		check(*c->http.listen.text[i]);
	check(!c->http.max_hold_s || (c->http.max_hold_s >= 60 && c->http.max_hold_s <= 3540));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	struct config c = { 0 };

	if (config_parse(str_from(data, size), "c", &c, &errors) == ERR_OK) {
		check(errors.n == 0);
		check_config(&c);
	} else {
		check(buf_status(&errors) || str_ends(buf_view(&errors), S("\n")));
	}
	config_release(&c);
	buf_release(&errors);
	return 0;
}
