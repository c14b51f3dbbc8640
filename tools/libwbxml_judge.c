#include <tools/libwbxml_judge.h>

#include <libwbxml-1.0/wbxml/wbxml.h> /* by its folder: <wbxml/wbxml.h> is ours */

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CHILD_CPU_S = 10,
	CHILD_MEMORY_MB = 1024,
	CHUNK = 65536,
};

typedef WBXMLError converter(WB_UTINY *in, WB_ULONG in_n, WB_UTINY **out, WB_ULONG *out_n);

static WBXMLError convert_to_xml(WB_UTINY *in, WB_ULONG in_n, WB_UTINY **out, WB_ULONG *out_n)
{
	WBXMLConvWBXML2XML *conv;
	WBXMLError e = wbxml_conv_wbxml2xml_create(&conv);

	if (e != WBXML_OK)
		return e;
	wbxml_conv_wbxml2xml_set_gen_type(conv, WBXML_GEN_XML_INDENT);
	wbxml_conv_wbxml2xml_set_language(conv, WBXML_LANG_ACTIVESYNC);
	wbxml_conv_wbxml2xml_enable_preserve_whitespaces(conv);
	e = wbxml_conv_wbxml2xml_run(conv, in, in_n, out, out_n);
	wbxml_conv_wbxml2xml_destroy(conv);
	return e;
}

static WBXMLError convert_to_wbxml(WB_UTINY *in, WB_ULONG in_n, WB_UTINY **out, WB_ULONG *out_n)
{
	WBXMLConvXML2WBXML *conv;
	WBXMLError e = wbxml_conv_xml2wbxml_create(&conv);

	if (e != WBXML_OK)
		return e;
	wbxml_conv_xml2wbxml_enable_preserve_whitespaces(conv);
	wbxml_conv_xml2wbxml_disable_string_table(conv);
	wbxml_conv_xml2wbxml_disable_public_id(conv);
	e = wbxml_conv_xml2wbxml_run(conv, in, in_n, out, out_n);
	wbxml_conv_xml2wbxml_destroy(conv);
	return e;
}

/* Sanitizers reserve terabytes of address space. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static void limit_child(void)
{
	static const struct rlimit cpu = { CHILD_CPU_S, CHILD_CPU_S }, core = { 0, 0 };
	static const struct rlimit memory = { CHILD_MEMORY_MB << 20, CHILD_MEMORY_MB << 20 };
	int null = open("/dev/null", O_WRONLY);

	if (null < 0 || dup2(null, STDERR_FILENO) < 0) /* its assert speaks there */
		_exit(1);
	if (setrlimit(RLIMIT_CPU, &cpu) || setrlimit(RLIMIT_CORE, &core))
		_exit(1);
	if (!SANITIZED && setrlimit(RLIMIT_AS, &memory))
		_exit(1);
}

static void write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t put = write(fd, at, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			_exit(1);
		at += put;
		n -= (size_t)put;
	}
}

/* The child says one byte of outcome, then the result or the message. */
static NORETURN void run_child(int fd, converter *convert, struct str in)
{
	const char *message;
	WB_UTINY *out = NULL;
	WB_ULONG out_n = 0;
	WBXMLError e;

	limit_child();
	e = convert((WB_UTINY *)(uintptr_t)in.p, (WB_ULONG)in.n, &out, &out_n);
	if (e == WBXML_OK) {
		write_all(fd, &(char){ LIBWBXML_CONVERTED }, 1);
		write_all(fd, out, out_n);
	} else {
		message = (const char *)wbxml_errors_string(e);
		write_all(fd, &(char){ LIBWBXML_REFUSED }, 1);
		write_all(fd, message, strlen(message));
	}
	_exit(0);
}

static enum err read_all(int fd, struct buf *out)
{
	for (;;) {
		void *room = buf_reserve(out, CHUNK);
		ssize_t got;

		if (!room)
			return ERR_LIMIT;
		got = read(fd, room, CHUNK);
		if (got == 0)
			return ERR_OK;
		if (got < 0 && errno != EINTR)
			return ERR_IO;
		if (got > 0)
			buf_added(out, (size_t)got);
	}
}

static bool ended_well(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static enum err judge(converter *convert, struct str in, struct buf *out, enum libwbxml_outcome *ret)
{
	struct buf answer = BUF_INIT(out->max < SIZE_MAX - CHUNK ? out->max + CHUNK : SIZE_MAX);
	int pipe_fds[2];
	pid_t child;
	enum err e;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return ERR_IO;
	child = fork();
	if (child == 0)
		run_child(pipe_fds[1], convert, in);
	close(pipe_fds[1]);
	e = child < 0 ? ERR_IO : read_all(pipe_fds[0], &answer);
	close(pipe_fds[0]);
	if (child > 0 && !ended_well(child) && !e) {
		*ret = LIBWBXML_DIED;
	} else if (!e) {
		*ret = (enum libwbxml_outcome)answer.p[0];
		buf_put(out, answer.p + 1, answer.n - 1);
		e = buf_status(out);
	}
	buf_release(&answer);
	return e;
}

enum err libwbxml_to_xml(struct str wbxml, struct buf *out, enum libwbxml_outcome *ret)
{
	return judge(convert_to_xml, wbxml, out, ret);
}

enum err libwbxml_to_wbxml(struct str xml, struct buf *out, enum libwbxml_outcome *ret)
{
	return judge(convert_to_wbxml, xml, out, ret);
}
