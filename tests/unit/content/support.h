/* What the tests of mail content share: a message parsed from memory, and structures as text to compare. */
#ifndef TESTS_CONTENT_SUPPORT_H
#define TESTS_CONTENT_SUPPORT_H

#include <gateway/content/body.h>
#include <gateway/content/mime.h>
#include <gateway/content/summary.h>

enum { TEST_ARENA_MAX = 64 * 1024 * 1024, TEST_FILE_MAX = 64 * 1024 * 1024 };

/* A message and what the parser says of it. Release after use. */
struct mail {
	struct buf bytes; /* with CRLF line ends */
	struct str view;
	struct mail_source source;
	struct arena arena;
	struct mime_structure mime;
};

/* text may have bare LF; they become CRLF as at delivery. chunk: octets given to the parser at once, 0 for all. */
void mail_load(struct mail *m, struct str text, size_t chunk);
void mail_release(struct mail *m);

/* The octets of a file; ERR_NOT_FOUND where it is absent. */
enum err file_read(struct buf *b, const char *path);

/* One line for each part, with every fact of it. */
void structure_text(struct buf *b, const struct mime_structure *m);

/* A body in one buffer. */
enum err mail_render(struct mail *m, enum body_type type, uint64_t max_bytes, struct buf *out, struct body_result *ret);

#endif
