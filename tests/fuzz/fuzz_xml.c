/* XML from strangers: what is read and written again is read as the same. */
#include <gateway/xml/xml_read.h>
#include <gateway/xml/xml_write.h>

#include <assert.h>

enum { INPUT_MAX = 256 * 1024, ARENA = 16 * 1024 * 1024 };

/* Names are written without their namespaces, which the writer leaves to its caller. Deep trees are left out. */
static void write_again(struct xml_writer *w, const struct xml_node *node, struct arena *a)
{
	const char *name;

	if (w->depth == XML_WRITE_MAX_DEPTH || arena_cstr(a, node->name, &name))
		return;
	xml_open(w, name);
	xml_put_text(w, node->text);
	for (const struct xml_node *c = node->child; c; c = c->next)
		write_again(w, c, a);
	xml_close(w);
}

static void expect_equal(const struct xml_node *x, const struct xml_node *y, size_t depth)
{
	assert(str_eq(x->name, y->name) && str_eq(x->text, y->text));
	if (depth == XML_WRITE_MAX_DEPTH - 1)
		return;
	x = x->child;
	y = y->child;
	for (; x && y; x = x->next, y = y->next)
		expect_equal(x, y, depth + 1);
	assert(!x && !y);
}

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct arena a = ARENA_INIT(ARENA), b = ARENA_INIT(ARENA);
	struct buf out = BUF_INIT(8 * INPUT_MAX);
	struct xml_node *root, *again;
	struct xml_writer w;

	if (n <= INPUT_MAX && xml_read(&a, str_from(p, n), &root) == ERR_OK) {
		xml_begin(&w, &out);
		write_again(&w, root, &a);
		xml_end(&w);
		assert(buf_status(&out) == ERR_OK);
		assert(xml_read(&b, buf_view(&out), &again) == ERR_OK);
		expect_equal(root, again, 0);
	}
	buf_release(&out);
	arena_release(&a);
	arena_release(&b);
	return 0;
}
