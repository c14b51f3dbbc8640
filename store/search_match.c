/* What the index is asked: texts, alone or joined by AND and OR, as one expression of the engine's. */
#include <store/search_rows.h>

enum { EXPRESSION_MAX = 1024 * 1024, TRIGRAM = 3 };

enum match_stmt { MATCH_TEXT, MATCH_SHORT, MATCH_HIDDEN, MATCH_STMT_MAX_ };
static const struct sql_def match_sql[] = {
	[MATCH_TEXT] = { "search_match_text", "SELECT rowid FROM text WHERE text MATCH $1" },
	[MATCH_SHORT] = { "search_match_short", "SELECT rowid FROM short WHERE short MATCH $1" },
	[MATCH_HIDDEN] = { "search_hidden", "SELECT item_id FROM doc WHERE hidden = 1" },
};
static_assert(countof(match_sql) == MATCH_STMT_MAX_, "one text per statement");

enum err search_bits_new(struct arena *a, int64_t max, struct search_bits *ret)
{
	ret->max = max;
	ret->words = arena_array(a, search_bits_words(ret), sizeof(*ret->words));
	return ret->words ? ERR_OK : ERR_LIMIT;
}

bool search_match_is_one(const struct search_node *node)
{
	if (node->kind == SEARCH_TEXT)
		return search_length(node->text) >= TRIGRAM;
	if (node->kind != SEARCH_AND && node->kind != SEARCH_OR)
		return false;
	for (size_t i = 0; i < node->children_n; i++)
		if (!search_match_is_one(&node->children[i]))
			return false;
	return node->children_n > 0;
}

static void put_columns(struct buf *out, unsigned fields)
{
	static const char *const columns[] = {
		[SEARCH_SUBJECT] = "subject ", [SEARCH_FROM] = "sender ", [SEARCH_TO] = "recipient ",
		[SEARCH_CC] = "cc ",           [SEARCH_BCC] = "bcc ",     [SEARCH_BODY] = "body ",
		[SEARCH_NAMES] = "names ",
	};
	static_assert(countof(columns) == SEARCH_FIELD_MAX_, "a column a field");

	if ((fields & SEARCH_ANY) == SEARCH_ANY)
		return;
	buf_char(out, '{');
	for (size_t i = 0; i < countof(columns); i++)
		if (fields & SEARCH_FIELD(i))
			buf_cstr(out, columns[i]);
	buf_cstr(out, "}: ");
}

/* Within quotes nothing but a quote has a meaning; a NUL would end the expression, and is in no text. */
static void put_quoted(struct buf *out, struct str text)
{
	buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			buf_char(out, '"');
		buf_char(out, text.p[i] ? text.p[i] : ' ');
	}
	buf_char(out, '"');
}

static void put_text(struct buf *out, const struct search_node *node)
{
	put_columns(out, node->fields);
	put_quoted(out, node->text);
}

static void put_node(struct buf *out, const struct search_node *node)
{
	if (node->kind == SEARCH_TEXT) {
		put_text(out, node);
		return;
	}
	buf_char(out, '(');
	for (size_t i = 0; i < node->children_n; i++) {
		if (i)
			buf_cstr(out, node->kind == SEARCH_AND ? " AND " : " OR ");
		put_node(out, &node->children[i]);
	}
	buf_char(out, ')');
}

static void put_short(struct buf *out, const struct search_node *node)
{
	CLEANUP(buf_release) struct buf word = BUF_INIT(64);

	search_short_word(&word, node->text);
	put_columns(out, node->fields);
	put_quoted(out, buf_view(&word));
}

static enum err read_bits(struct sql_stmt *st, struct search_bits *ret)
{
	for (;;) {
		bool row;

		TRY(sql_step(st, &row));
		if (!row)
			return ERR_OK;
		int64_t item = sql_i64(st, 0);
		if (item >= 0 && item <= ret->max)
			ret->words[item / 64] |= UINT64_C(1) << (item % 64);
	}
}

enum err search_match(struct store_tx *index, const struct search_node *node, struct search_bits *ret)
{
	CLEANUP(buf_release) struct buf expression = BUF_INIT(EXPRESSION_MAX);
	CLEANUP(sql_done) struct sql_stmt *st = NULL;
	bool is_short = node->kind == SEARCH_TEXT && search_length(node->text) < TRIGRAM;

	if (is_short)
		put_short(&expression, node);
	else
		put_node(&expression, node);
	TRY(buf_status(&expression));
	TRY(search_open(index, &match_sql[is_short ? MATCH_SHORT : MATCH_TEXT], (struct stmt_args){ 0 }, &st));
	sql_bind_text(st, 1, buf_view(&expression));
	return read_bits(st, ret);
}

enum err search_hidden(struct store_tx *index, struct search_bits *ret)
{
	CLEANUP(sql_done) struct sql_stmt *st = NULL;

	TRY(search_open(index, &match_sql[MATCH_HIDDEN], (struct stmt_args){ 0 }, &st));
	return read_bits(st, ret);
}
