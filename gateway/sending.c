#include <gateway/sending.h>

#include <base/clock.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { PASSWORD_MAX_BYTES = 4096 };

/* The file's first line. */
static bool read_password(struct config *c, const char *path, const char **ret, struct buf *why)
{
	char text[PASSWORD_MAX_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (n < 0) {
		buf_fmt(why, "%s: %s", path, strerrordesc_np(error));
		return false;
	}
	struct str line = str_from(text, (size_t)n);
	line = str_slice(line, 0, str_index(line, '\n'));
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0 || line.n > PASSWORD_MAX_BYTES || arena_cstr(&c->arena, line, ret) != ERR_OK) {
		buf_fmt(why, "%s: must hold a password in its first line", path);
		return false;
	}
	return true;
}

static bool relay_of(struct config *c, struct relay_config *relay, struct buf *why)
{
	static const enum relay_tls kinds[] = { [CONFIG_SMARTHOST_STARTTLS] = RELAY_STARTTLS,
						[CONFIG_SMARTHOST_TLS] = RELAY_TLS,
						[CONFIG_SMARTHOST_PLAIN] = RELAY_PLAIN };

	*relay = (struct relay_config){ .host = c->outbound.smarthost.host,
					.port = c->outbound.smarthost.port,
					.tls = kinds[c->outbound.tls],
					.user = c->outbound.user,
					.ca_file = c->outbound.ca_file,
					.hostname = c->server.hostname };
	if (!relay->user)
		return true;
	if (!c->outbound.password_file) {
		buf_cstr(why, "[outbound] user needs a password_file");
		return false;
	}
	return read_password(c, c->outbound.password_file, &relay->password, why);
}

bool sending_of(struct config *c, struct send_service *service, struct relay_config *relay,
		const struct relay_config **ret_relay, struct buf *why)
{
	*ret_relay = NULL;
	service->clock = clock_real();
	service->hostname = c->server.hostname;
	service->state_dir = c->server.state_dir;
	service->max_bytes = c->outbound.max_message ? c->outbound.max_message : SEND_MAX_BYTES_DEFAULT;
	service->expires_ms = c->outbound.expires_s ? (int64_t)c->outbound.expires_s * 1000 : SEND_EXPIRES_MS_DEFAULT;
	if (!c->outbound.smarthost.host)
		return true;
	if (!relay_of(c, relay, why))
		return false;
	*ret_relay = relay;
	return true;
}
