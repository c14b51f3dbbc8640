/* Parsing of ItemOperations requests. */
#include <gateway/activesync/item_operations.h>

#include <gateway/activesync/document_link.h>

/* MS-ASCMD_R3711: "m-n", both included. */
static bool parse_range(struct str text, struct item_op *op)
{
	size_t dash = str_index(text, '-');

	return dash < text.n && str_to_u64(str_slice(text, 0, dash), INT64_MAX, &op->from) == ERR_OK &&
	       str_to_u64(str_slice(text, dash + 1, text.n), INT64_MAX, &op->to) == ERR_OK && op->from <= op->to;
}

static void refuse(struct item_op *op, enum item_op_status status)
{
	if (op->status == ITEM_OP_DONE)
		op->status = status;
}

/*
 * The preferences are those of Sync's Options and have their parser; range and schema are read in a second pass. What
 * else may stand here (UserName, Password) is of stores that are not served.
 */
static enum err parse_range_of(struct wbxml_reader *r, struct item_op *op)
{
	struct str range;

	TRY(wbxml_text(r, &range));
	op->has_range = true;
	if (!parse_range(range, op))
		refuse(op, ITEM_OP_BAD_RANGE);
	return ERR_OK;
}

/* MS-ASCMD 2.2.3.158: the elements that are to be in the answer, whatever is in them. */
static enum err parse_schema(struct wbxml_reader *r, struct item_op *op)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	op->has_schema = true;
	while (wbxml_child(r, &in, &e)) {
		if (op->schema_n == EAS_MAX_SCHEMA)
			refuse(op, ITEM_OP_MALFORMED);
		else
			op->schema[op->schema_n++] = r->tag;
		e = wbxml_skip(r);
	}
	return e;
}

static enum err parse_fetch_options(struct wbxml_reader *r, struct item_op *op)
{
	struct wbxml_reader again = *r;
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = eas_options_parse(&again, op->version, &op->options);

	if (e == ERR_DENIED)
		refuse(op, ITEM_OP_BAD_PART_TYPE); /* MS-ASCON_R241 */
	else if (e && e != ERR_UNSUPPORTED)
		refuse(op, ITEM_OP_MALFORMED); /* MS-ASCMD_R3547 */
	e = ERR_OK;
	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_ITEMOPERATIONS_RANGE)
			e = parse_range_of(r, op);
		else if (r->tag == TAG_ITEMOPERATIONS_SCHEMA)
			e = parse_schema(r, op);
		else
			e = wbxml_skip(r);
	}
	return e;
}

static enum err parse_reference(struct wbxml_reader *r, struct item_op *op)
{
	if (op->has_reference) /* MS-ASCMD_R764, R765 */
		refuse(op, ITEM_OP_MALFORMED);
	op->has_reference = true;
	return wbxml_text(r, &op->reference);
}

static enum err parse_store(struct wbxml_reader *r, struct item_op *op)
{
	struct str name;

	TRY(wbxml_text(r, &name));
	op->names_documents = str_ieq(name, S("DocumentLibrary")) || str_ieq(name, S("Document Library"));
	if (!str_ieq(name, S("Mailbox")))
		refuse(op, ITEM_OP_BAD_STORE); /* MS-ASCMD_R4161 */
	return ERR_OK;
}

/* There are no document libraries. */
static enum err parse_link(struct wbxml_reader *r, struct item_op *op)
{
	TRY(wbxml_text(r, &op->link));
	op->has_link = true;
	if (!eas_document_link(op->link))
		op->status = ITEM_OP_BAD_LINK; /* also where the store was refused before */
	else
		refuse(op, ITEM_OP_BAD_STORE);
	return ERR_OK;
}

static enum err parse_fetch_field(struct wbxml_reader *r, struct item_op *op)
{
	switch ((unsigned)r->tag) {
	case TAG_ITEMOPERATIONS_STORE:
		return parse_store(r, op);
	case TAG_AIRSYNC_COLLECTIONID:
		return wbxml_text(r, &op->collection);
	case TAG_AIRSYNC_SERVERID:
		return wbxml_text(r, &op->item);
	case TAG_SEARCH_LONGID:
		return wbxml_text(r, &op->long_id);
	case TAG_AIRSYNCBASE_FILEREFERENCE:
		return parse_reference(r, op);
	case TAG_DOCUMENTLIBRARY_LINKID:
		return parse_link(r, op);
	case TAG_ITEMOPERATIONS_OPTIONS:
		return parse_fetch_options(r, op);
	case TAG_RIGHTSMANAGEMENT_REMOVERIGHTSMANAGEMENTPROTECTION: /* no message is protected */
		return wbxml_skip(r);
	default:
		return ERR_INVALID;
	}
}

/* MS-ASCMD_R2243, R2244. An empty element is true. */
static enum err parse_empty_options(struct wbxml_reader *r, struct item_op *op)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_ITEMOPERATIONS_DELETESUBFOLDERS)
			return ERR_INVALID;
		e = wbxml_bool(r, &op->with_subfolders);
	}
	return e;
}

static enum err parse_empty_field(struct wbxml_reader *r, struct item_op *op)
{
	switch ((unsigned)r->tag) {
	case TAG_AIRSYNC_COLLECTIONID:
		return wbxml_text(r, &op->collection);
	case TAG_ITEMOPERATIONS_OPTIONS:
		return parse_empty_options(r, op);
	default:
		return ERR_INVALID;
	}
}

static enum err parse_move_options(struct wbxml_reader *r, struct item_op *op)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_ITEMOPERATIONS_MOVEALWAYS)
			return ERR_INVALID;
		op->always = true; /* MS-ASCON_R133: by being there */
		e = wbxml_skip(r);
	}
	return e;
}

static enum err parse_move_field(struct wbxml_reader *r, struct item_op *op)
{
	switch ((unsigned)r->tag) {
	case TAG_ITEMOPERATIONS_CONVERSATIONID:
		return wbxml_text(r, &op->conversation);
	case TAG_ITEMOPERATIONS_DSTFLDID:
		return wbxml_text(r, &op->target);
	case TAG_ITEMOPERATIONS_OPTIONS:
		return parse_move_options(r, op);
	default:
		return ERR_INVALID;
	}
}

static const struct {
	enum wbxml_tag tag;
	enum err (*parse_field)(struct wbxml_reader *r, struct item_op *op);
} kinds[] = {
	[ITEM_OP_MOVE] = { TAG_ITEMOPERATIONS_MOVE, parse_move_field },
	[ITEM_OP_EMPTY] = { TAG_ITEMOPERATIONS_EMPTYFOLDERCONTENTS, parse_empty_field },
	[ITEM_OP_FETCH] = { TAG_ITEMOPERATIONS_FETCH, parse_fetch_field },
};
_Static_assert(countof(kinds) == ITEM_OP_KIND_MAX_, "every kind has a parser");

/* ERR_INVALID: an element that is none of them, too. */
static enum err parse_op(struct wbxml_reader *r, enum eas_version v, struct item_op *op)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	*op = (struct item_op){
		.kind = ITEM_OP_KIND_MAX_, .version = v, .status = ITEM_OP_DONE, .options = eas_options_default
	};
	for (size_t i = 0; i < countof(kinds); i++)
		if (kinds[i].tag == r->tag)
			op->kind = (enum item_op_kind)i;
	if (op->kind == ITEM_OP_KIND_MAX_)
		return ERR_INVALID;
	while (wbxml_child(r, &in, &e))
		e = kinds[op->kind].parse_field(r, op);
	if (op->names_documents && !op->has_link)
		op->status = ITEM_OP_MALFORMED;
	return e == ERR_LIMIT ? ERR_INVALID : e;
}

enum err item_ops_parse(struct eas_request *rq, struct item_ops *ret)
{
	struct wbxml_reader *r = &rq->reader;
	enum err e = ERR_OK;

	ret->list = arena_array(rq->arena, EAS_MAX_ITEM_OPERATIONS, sizeof(*ret->list));
	if (!ret->list)
		return ERR_BUSY;
	while (wbxml_child(r, &rq->root, &e)) {
		if (ret->n == EAS_MAX_ITEM_OPERATIONS)
			return ERR_LIMIT;
		e = parse_op(r, rq->version, &ret->list[ret->n++]);
	}
	TRY(e);
	return ret->n ? wbxml_done(r) : ERR_INVALID;
}
