/* Which property of a vCard holds what. */
#include <gateway/content/contact.h>

#include <base/base64.h>

#include <string.h>
#include <time.h>

/* ---- the table ---- */

enum kind { KIND_TEXT, KIND_COMPONENT, KIND_DATE, KIND_PICTURE, KIND_PHONE, KIND_IM, KIND_FILE_AS };

/* Of properties that there may be several of: which of them. */
enum place {
	PLACE_ANY,
	PLACE_HOME,
	PLACE_WORK,
	PLACE_OTHER,
	PLACE_MOBILE,
	PLACE_HOME_FAX,
	PLACE_WORK_FAX,
	PLACE_PAGER,
	PLACE_CAR,
	PLACE_RADIO,
	PLACE_ASSISTANT,
	PLACE_COMPANY,
	PLACE_MAX_
};

enum { SLOTS = 3, NAMES = 4 };

struct rule {
	const char *name;        /* of the property that is made */
	const char *also[NAMES]; /* other programs' names for it, which are read and stay */
	const char *label;       /* Apple: of an X-ABDATE or X-ABRELATEDNAMES with that label */
	enum kind kind;
	enum place place;
	unsigned char slot;      /* the how manieth of its name and place */
	unsigned char component; /* KIND_COMPONENT */
};

#define PHONE(where, number)                                                                  \
	{                                                                                     \
		.name = "TEL", .kind = KIND_PHONE, .place = PLACE_##where, .slot = (number)-1 \
	}
#define ADDRESS(where, part)                                                                       \
	{                                                                                          \
		.name = "ADR", .place = PLACE_##where, .kind = KIND_COMPONENT, .component = (part) \
	}
enum { STREET = 2, CITY, STATE, POSTAL_CODE, COUNTRY };

static const struct rule rules[CONTACT_FIELD_MAX_] = {
	[CONTACT_LAST_NAME] = { .name = "N", .kind = KIND_COMPONENT, .component = 0 },
	[CONTACT_FIRST_NAME] = { .name = "N", .kind = KIND_COMPONENT, .component = 1 },
	[CONTACT_MIDDLE_NAME] = { .name = "N", .kind = KIND_COMPONENT, .component = 2 },
	[CONTACT_TITLE] = { .name = "N", .kind = KIND_COMPONENT, .component = 3 },
	[CONTACT_SUFFIX] = { .name = "N", .kind = KIND_COMPONENT, .component = 4 },
	[CONTACT_FILE_AS] = { .name = "X-EVOLUTION-FILE-AS", .kind = KIND_FILE_AS },
	[CONTACT_NICKNAME] = { .name = "NICKNAME" },
	[CONTACT_YOMI_FIRST_NAME] = { .name = "X-PHONETIC-FIRST-NAME" },
	[CONTACT_YOMI_LAST_NAME] = { .name = "X-PHONETIC-LAST-NAME" },
	[CONTACT_YOMI_COMPANY] = { .name = "X-PHONETIC-ORG" },
	[CONTACT_COMPANY] = { .name = "ORG", .kind = KIND_COMPONENT, .component = 0 },
	[CONTACT_DEPARTMENT] = { .name = "ORG", .kind = KIND_COMPONENT, .component = 1 },
	[CONTACT_JOB_TITLE] = { .name = "TITLE" },
	[CONTACT_OFFICE] = { .name = "X-EVOLUTION-OFFICE", .also = { "X-MS-OFFICE" } },
	[CONTACT_MANAGER] = { .name = "X-MANAGER",
			      .also = { "X-EVOLUTION-MANAGER", "X-MS-MANAGER" },
			      .label = "Manager" },
	[CONTACT_ASSISTANT] = { .name = "X-ASSISTANT",
				.also = { "X-EVOLUTION-ASSISTANT", "X-MS-ASSISTANT" },
				.label = "Assistant" },
	[CONTACT_SPOUSE] = { .name = "X-SPOUSE",
			     .also = { "X-EVOLUTION-SPOUSE", "X-MS-SPOUSE", "X-KADDRESSBOOK-X-SpousesName" },
			     .label = "Spouse" },
	[CONTACT_EMAIL_1] = { .name = "EMAIL", .slot = 0 },
	[CONTACT_EMAIL_2] = { .name = "EMAIL", .slot = 1 },
	[CONTACT_EMAIL_3] = { .name = "EMAIL", .slot = 2 },
	[CONTACT_IM_1] = { .name = "IMPP", .kind = KIND_IM, .slot = 0 },
	[CONTACT_IM_2] = { .name = "IMPP", .kind = KIND_IM, .slot = 1 },
	[CONTACT_IM_3] = { .name = "IMPP", .kind = KIND_IM, .slot = 2 },
	[CONTACT_PHONE_HOME] = PHONE(HOME, 1),
	[CONTACT_PHONE_HOME_2] = PHONE(HOME, 2),
	[CONTACT_PHONE_WORK] = PHONE(WORK, 1),
	[CONTACT_PHONE_WORK_2] = PHONE(WORK, 2),
	[CONTACT_PHONE_MOBILE] = PHONE(MOBILE, 1),
	[CONTACT_PHONE_HOME_FAX] = PHONE(HOME_FAX, 1),
	[CONTACT_PHONE_WORK_FAX] = PHONE(WORK_FAX, 1),
	[CONTACT_PHONE_PAGER] = PHONE(PAGER, 1),
	[CONTACT_PHONE_CAR] = PHONE(CAR, 1),
	[CONTACT_PHONE_RADIO] = PHONE(RADIO, 1),
	[CONTACT_PHONE_ASSISTANT] = PHONE(ASSISTANT, 1),
	[CONTACT_PHONE_COMPANY] = PHONE(COMPANY, 1),
	[CONTACT_HOME_STREET] = ADDRESS(HOME, STREET),
	[CONTACT_HOME_CITY] = ADDRESS(HOME, CITY),
	[CONTACT_HOME_STATE] = ADDRESS(HOME, STATE),
	[CONTACT_HOME_POSTAL_CODE] = ADDRESS(HOME, POSTAL_CODE),
	[CONTACT_HOME_COUNTRY] = ADDRESS(HOME, COUNTRY),
	[CONTACT_WORK_STREET] = ADDRESS(WORK, STREET),
	[CONTACT_WORK_CITY] = ADDRESS(WORK, CITY),
	[CONTACT_WORK_STATE] = ADDRESS(WORK, STATE),
	[CONTACT_WORK_POSTAL_CODE] = ADDRESS(WORK, POSTAL_CODE),
	[CONTACT_WORK_COUNTRY] = ADDRESS(WORK, COUNTRY),
	[CONTACT_OTHER_STREET] = ADDRESS(OTHER, STREET),
	[CONTACT_OTHER_CITY] = ADDRESS(OTHER, CITY),
	[CONTACT_OTHER_STATE] = ADDRESS(OTHER, STATE),
	[CONTACT_OTHER_POSTAL_CODE] = ADDRESS(OTHER, POSTAL_CODE),
	[CONTACT_OTHER_COUNTRY] = ADDRESS(OTHER, COUNTRY),
	[CONTACT_BIRTHDAY] = { .name = "BDAY", .kind = KIND_DATE },
	[CONTACT_ANNIVERSARY] = { .name = "ANNIVERSARY",
				  .also = { "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-MS-ANNIVERSARY" },
				  .label = "Anniversary",
				  .kind = KIND_DATE },
	[CONTACT_WEB_PAGE] = { .name = "URL" },
	[CONTACT_CUSTOMER_ID] = { .name = "X-CUSTOMER-ID" },
	[CONTACT_GOVERNMENT_ID] = { .name = "X-GOVERNMENT-ID" },
	[CONTACT_ACCOUNT_NAME] = { .name = "X-ACCOUNT-NAME" },
	[CONTACT_MMS] = { .name = "X-MMS" },
	[CONTACT_NOTE] = { .name = "NOTE" },
	[CONTACT_PICTURE] = { .name = "PHOTO", .kind = KIND_PICTURE },
};

/* ---- where a property belongs ---- */

/* Parameters of a new one, by place. */
static const char *const place_params[PLACE_MAX_] = {
	[PLACE_ANY] = "",
	[PLACE_HOME] = ";TYPE=HOME",
	[PLACE_WORK] = ";TYPE=WORK",
	[PLACE_OTHER] = "",
	[PLACE_MOBILE] = ";TYPE=CELL",
	[PLACE_HOME_FAX] = ";TYPE=HOME,FAX",
	[PLACE_WORK_FAX] = ";TYPE=WORK,FAX",
	[PLACE_PAGER] = ";TYPE=PAGER",
	[PLACE_CAR] = ";TYPE=CAR",
	[PLACE_RADIO] = ";TYPE=X-RADIO",
	[PLACE_ASSISTANT] = ";TYPE=X-ASSISTANT",
	[PLACE_COMPANY] = ";TYPE=X-COMPANY",
};

static enum place place_of_phone(const struct vcard_property *p)
{
	static const struct {
		const char *type;
		enum place place;
	} types[] = { { "CELL", PLACE_MOBILE },
		      { "PAGER", PLACE_PAGER },
		      { "CAR", PLACE_CAR },
		      { "X-RADIO", PLACE_RADIO },
		      { "X-EVOLUTION-RADIO", PLACE_RADIO },
		      { "X-ASSISTANT", PLACE_ASSISTANT },
		      { "X-EVOLUTION-ASSISTANT", PLACE_ASSISTANT },
		      { "X-COMPANY", PLACE_COMPANY },
		      { "X-EVOLUTION-COMPANY", PLACE_COMPANY },
		      { "MAIN", PLACE_COMPANY } };
	bool work = vcard_has_type(p, "WORK");

	for (size_t i = 0; i < countof(types); i++)
		if (vcard_has_type(p, types[i].type))
			return types[i].place;
	if (vcard_has_type(p, "FAX"))
		return vcard_has_type(p, "HOME") ? PLACE_HOME_FAX : PLACE_WORK_FAX;
	return work ? PLACE_WORK : PLACE_HOME; /* one that says nothing is somebody's own */
}

static enum place place_of(const struct vcard_property *p)
{
	if (str_ieq(p->name, S("TEL")))
		return place_of_phone(p);
	if (!str_ieq(p->name, S("ADR")))
		return PLACE_ANY;
	return vcard_has_type(p, "WORK") ? PLACE_WORK : vcard_has_type(p, "HOME") ? PLACE_HOME : PLACE_OTHER;
}

#define SLOT_PARAM "X-ROOST-SLOT" /* says which of several a property is, where the order alone does not */

static unsigned slot_param(const struct vcard_property *p)
{
	struct str text = vcard_param(p, SLOT_PARAM);

	return text.n == 1 && text.p[0] >= '1' && text.p[0] < '1' + SLOTS ? (unsigned)(text.p[0] - '0') : 0;
}

/* The properties of a name and place, by slot: those that say it, then the others in their order. */
static void assign(const struct vcard *card, const char *name, enum place place, struct vcard_property *ret[SLOTS])
{
	struct vcard_property *p;
	size_t at = 0;

	for (size_t i = 0; i < SLOTS; i++)
		ret[i] = NULL;
	while ((p = vcard_next(card, name, &at)) != NULL)
		if (place_of(p) == place && slot_param(p) && !ret[slot_param(p) - 1])
			ret[slot_param(p) - 1] = p;
	at = 0;
	while ((p = vcard_next(card, name, &at)) != NULL)
		for (size_t i = 0; i < SLOTS && place_of(p) == place && !slot_param(p); i++)
			if (!ret[i]) {
				ret[i] = p;
				break;
			}
}

/* Apple names what has no property of its own by a second property of the same group. */
static struct vcard_property *find_labelled(const struct vcard *card, const struct rule *r)
{
	const char *name = r->kind == KIND_DATE ? "X-ABDATE" : "X-ABRELATEDNAMES";
	struct vcard_property *p, *label;
	size_t at = 0, label_at;

	while (r->label && (p = vcard_next(card, name, &at)) != NULL) {
		label_at = 0;
		while ((label = vcard_next(card, "X-ABLabel", &label_at)) != NULL)
			if (p->group.n && str_ieq(p->group, label->group) &&
			    str_ifind(label->value, str_of(r->label)) < label->value.n)
				return p;
	}
	return NULL;
}

static struct vcard_property *find(const struct vcard *card, const struct rule *r)
{
	struct vcard_property *slots[SLOTS];

	assign(card, r->name, r->place, slots);
	for (size_t i = 0; i < NAMES && r->also[i] && !slots[r->slot]; i++)
		slots[r->slot] = vcard_find(card, r->also[i]);
	return slots[r->slot] ? slots[r->slot] : find_labelled(card, r);
}

/* ---- days ---- */

static bool digits(struct str s, size_t at, size_t n, int *ret)
{
	*ret = 0;
	if (at + n > s.n)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*ret = *ret * 10 + (s.p[i] - '0');
	}
	return true;
}

enum { YEAR_UNKNOWN = 1604 }; /* a leap year that phones take for none */

/* 1980-05-01, 19800501, with a time behind; --05-01 and --0501, without a year. */
static bool parse_day(struct str s, int *y, int *m, int *d)
{
	size_t dash;

	s = str_trim(s);
	if (str_starts(s, S("--"))) {
		*y = YEAR_UNKNOWN;
		dash = s.n > 4 && s.p[4] == '-';
		if (!digits(s, 2, 2, m) || !digits(s, 4 + dash, 2, d))
			return false;
	} else {
		dash = s.n > 4 && s.p[4] == '-';
		if (!digits(s, 0, 4, y) || !digits(s, 4 + dash, 2, m) || !digits(s, 6 + 2 * dash, 2, d))
			return false;
	}
	return *m >= 1 && *m <= 12 && *d >= 1 && *d <= 31;
}

static enum err day_text(struct arena *a, struct str raw, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(16);
	int y, m, d;

	*ret = STR_EMPTY;
	if (!parse_day(raw, &y, &m, &d))
		return ERR_OK; /* "circa 1800" is nothing that a phone can show */
	buf_fmt(&text, "%04d-%02d-%02d", y, m, d);
	return arena_str(a, buf_view(&text), ret);
}

/* ---- pictures ---- */

/* The base64 of a PHOTO, of 3.0 or a data URI; empty: it is somewhere else. */
static enum err picture_text(struct arena *a, const struct vcard_property *p, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VCARD_MAX_BYTES);
	struct str encoding = vcard_param(p, "ENCODING"), value = p->value;

	*ret = STR_EMPTY;
	if (str_istarts(value, S("data:")))
		value = str_slice(value, str_index(value, ',') + 1, value.n);
	else if (!str_ieq(encoding, S("b")) && !str_ieq(encoding, S("BASE64")))
		return ERR_OK;
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != ' ' && value.p[i] != '\t' && value.p[i] != '\\')
			buf_char(&text, value.p[i]);
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

static const char *image_type(struct str base64)
{
	static const struct {
		const char *begins, *type;
	} types[] = { { "iVBORw0KGgo", "PNG" }, { "R0lGOD", "GIF" }, { "Qk", "BMP" } };

	for (size_t i = 0; i < countof(types); i++)
		if (str_starts(base64, str_of(types[i].begins)))
			return types[i].type;
	return "JPEG";
}

static enum err set_picture(struct vcard *card, struct vcard_property *p, struct str base64)
{
	CLEANUP(buf_release) struct buf params = BUF_INIT(64), value = BUF_INIT(VCARD_MAX_BYTES);
	const char *type = image_type(base64);

	if (card->v4) {
		buf_cstr(&value, "data:image/");
		for (const char *c = type; *c; c++)
			buf_char(&value, ascii_lower(*c));
		buf_cstr(&value, ";base64,");
	} else {
		buf_fmt(&params, ";ENCODING=b;TYPE=%s", type);
	}
	buf_str(&value, base64);
	TRY(buf_status(&value));
	TRY(arena_str(card->arena, buf_view(&params), &p->params));
	return arena_str(card->arena, buf_view(&value), &p->value);
}

/* ---- telephone numbers ---- */

/* The number as one dials it, also of a URI (RFC 3966): +1-201-555-0123 x5102 of tel:+1-201-555-0123;ext=5102. */
static enum err number_text(struct arena *a, const struct vcard_property *p, struct str *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VCARD_MAX_BYTES);
	struct str all, extension = S(";ext=");
	size_t at;

	TRY(vcard_text(a, p, &all));
	*ret = all;
	if (!str_istarts(all, S("tel:")))
		return ERR_OK;
	*ret = str_slice(all, strlen("tel:"), str_index(all, ';'));
	at = str_ifind(all, extension);
	if (at == all.n)
		return ERR_OK;
	extension = str_slice(all, at + extension.n, all.n);
	buf_str(&text, *ret);
	buf_cstr(&text, " x");
	buf_str(&text, str_slice(extension, 0, str_index(extension, ';')));
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

/* A text also where a URI was. */
static enum err set_number(struct vcard *card, struct vcard_property *p, struct str to)
{
	TRY(vcard_set_param(card, p, "VALUE", STR_EMPTY));
	return vcard_set_text(card, p, to);
}

/* ---- reading ---- */

static const struct rule im_names[] = {
	/* Before IMPP each service had a property of its own. */
	{ .name = "X-JABBER" }, { .name = "X-SKYPE" }, { .name = "X-AIM" },      { .name = "X-MSN" },
	{ .name = "X-YAHOO" },  { .name = "X-ICQ" },   { .name = "X-GADUGADU" },
};

/* The slot's IMPP, else the next of those that stand for services. */
static struct vcard_property *find_im(const struct vcard *card, const struct rule *r)
{
	struct vcard_property *slots[SLOTS], *p;
	size_t free_before = 0;

	assign(card, r->name, r->place, slots);
	if (slots[r->slot])
		return slots[r->slot];
	for (size_t i = 0; i < r->slot; i++)
		free_before += slots[i] == NULL;
	for (size_t i = 0; i < countof(im_names); i++) {
		p = vcard_find(card, im_names[i].name);
		if (p && free_before-- == 0)
			return p;
	}
	return NULL;
}

static enum err read_one(struct arena *a, const struct vcard *card, const struct rule *r, struct str *ret)
{
	const struct vcard_property *p = r->kind == KIND_IM ? find_im(card, r) : find(card, r);

	*ret = STR_EMPTY;
	if (r->kind == KIND_FILE_AS && !p)
		p = vcard_find(card, "FN");
	if (!p)
		return ERR_OK;
	switch (r->kind) {
	case KIND_COMPONENT:
		TRY(vcard_component(a, p, ';', r->component, ret));
		/* What an address has beside its street is in no field of a phone's; without a street it stands for it. */
		return ret->n || r->place == PLACE_ANY || r->component != STREET
			       ? ERR_OK
			       : vcard_component(a, p, ';', STREET - 1, ret);
	case KIND_DATE:
		return day_text(a, p->value, ret);
	case KIND_PICTURE:
		return picture_text(a, p, ret);
	case KIND_PHONE:
		return number_text(a, p, ret);
	case KIND_IM:
		TRY(vcard_text(a, p, ret));
		if (str_istarts(*ret, S("im:")))
			*ret = str_slice(*ret, 3, ret->n);
		return ERR_OK;
	case KIND_TEXT:
	case KIND_FILE_AS:
		break;
	}
	return vcard_text(a, p, ret);
}

static bool is_child(const struct vcard_property *p)
{
	return vcard_has_type(p, "child") && !str_istarts(p->value, S("urn:"));
}

enum { LIST_MAX = 300 };

static enum err add_to_list(struct arena *a, struct contact *c, enum contact_list which, struct str text)
{
	if (!c->list[which].v)
		c->list[which].v = arena_array(a, LIST_MAX, sizeof(*c->list[which].v));
	if (!c->list[which].v)
		return ERR_LIMIT;
	if (text.n && c->list[which].n < LIST_MAX)
		c->list[which].v[c->list[which].n++] = text;
	return ERR_OK;
}

static enum err read_lists(struct arena *a, const struct vcard *card, struct contact *ret)
{
	const struct vcard_property *p;
	struct str text;
	size_t at = 0;

	while ((p = vcard_next(card, "CATEGORIES", &at)) != NULL)
		for (size_t i = 0, n = vcard_components(p, ','); i < n && i < LIST_MAX; i++) {
			TRY(vcard_component(a, p, ',', i, &text));
			TRY(add_to_list(a, ret, CONTACT_CATEGORIES, str_trim(text)));
		}
	at = 0;
	while ((p = vcard_next(card, "RELATED", &at)) != NULL)
		if (is_child(p)) {
			TRY(vcard_text(a, p, &text));
			TRY(add_to_list(a, ret, CONTACT_CHILDREN, text));
		}
	return ERR_OK;
}

enum err contact_read(struct arena *a, const struct vcard *card, struct contact *ret)
{
	*ret = (struct contact){ 0 };
	for (size_t i = 0; i < CONTACT_FIELD_MAX_; i++)
		TRY(read_one(a, card, &rules[i], &ret->field[i]));
	return read_lists(a, card, ret);
}

/* ---- changing ---- */

/* So that a slot that is emptied, or filled before a lower one, moves none of the others. */
static enum err pin(struct vcard *card, const struct rule *r)
{
	static const char *const numbers[SLOTS] = { "1", "2", "3" };
	struct vcard_property *slots[SLOTS];

	assign(card, r->name, r->place, slots);
	for (size_t i = 0; i < SLOTS; i++)
		if (slots[i])
			TRY(vcard_set_param(card, slots[i], SLOT_PARAM, str_of(numbers[i])));
	return ERR_OK;
}

static bool has_slots(const struct rule *r)
{
	return r->kind != KIND_COMPONENT &&
	       (r->place != PLACE_ANY || r->kind == KIND_IM || str_eq(str_of(r->name), S("EMAIL")));
}

static enum err add_property(struct vcard *card, const struct rule *r, struct vcard_property **ret)
{
	CLEANUP(buf_release) struct buf params = BUF_INIT(64);
	struct vcard_property *slots[SLOTS];
	bool gap = false;
	struct str text;

	assign(card, r->name, r->place, slots);
	for (size_t i = 0; i < r->slot; i++)
		gap |= !slots[i];
	buf_cstr(&params, place_params[r->place]);
	if (gap) {
		TRY(pin(card, r));
		buf_fmt(&params, ";" SLOT_PARAM "=%u", r->slot + 1u);
	}
	TRY(arena_str(card->arena, buf_view(&params), &text));
	return vcard_add(card, str_of(r->name), text, ret);
}

static bool is_empty(const struct vcard_property *p)
{
	for (size_t i = 0; i < p->value.n; i++)
		if (p->value.p[i] != ';')
			return false;
	return true;
}

static enum err take_away(struct vcard *card, const struct rule *r, struct vcard_property *p)
{
	if (r->kind == KIND_COMPONENT) {
		TRY(vcard_set_component(card, p, ';', r->component, STR_EMPTY));
		if (r->place != PLACE_ANY && r->component == STREET)
			TRY(vcard_set_component(card, p, ';', STREET - 1, STR_EMPTY));
		p->gone = is_empty(p) && !str_ieq(p->name, S("N"));
		return ERR_OK;
	}
	if (has_slots(r))
		TRY(pin(card, r));
	p->gone = true;
	return ERR_OK;
}

/* ADR and N have as many components as their kind does. */
static enum err set_component(struct vcard *card, const struct rule *r, struct vcard_property *p, struct str to)
{
	size_t last = str_ieq(p->name, S("N")) ? 4 : str_ieq(p->name, S("ADR")) ? COUNTRY : 0;

	if (vcard_components(p, ';') <= last && last > r->component)
		TRY(vcard_set_component(card, p, ';', last, STR_EMPTY));
	return vcard_set_component(card, p, ';', r->component, to);
}

static enum err set_day(struct vcard *card, struct vcard_property *p, struct str to)
{
	int y, m, d;

	if (!parse_day(to, &y, &m, &d))
		return ERR_INVALID;
	TRY(vcard_set_param(card, p, "VALUE", STR_EMPTY));
	if (!card->v4)
		return vcard_set_text(card, p, to);
	CLEANUP(buf_release) struct buf text = BUF_INIT(16);

	if (y == YEAR_UNKNOWN)
		buf_fmt(&text, "--%02d%02d", m, d);
	else
		buf_fmt(&text, "%04d%02d%02d", y, m, d);
	return vcard_set_text(card, p, buf_view(&text));
}

static enum err set_im(struct vcard *card, struct vcard_property *p, struct str to)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(VCARD_MAX_BYTES);

	if (str_index(to, ':') == to.n && str_ieq(p->name, S("IMPP")))
		buf_cstr(&text, "im:");
	buf_str(&text, to);
	TRY(buf_status(&text));
	return vcard_set_text(card, p, buf_view(&text));
}

static enum err set_one(struct vcard *card, const struct rule *r, struct str to)
{
	struct vcard_property *p = r->kind == KIND_IM ? find_im(card, r) : find(card, r);
	struct str is;

	TRY(read_one(card->arena, card, r, &is));
	if (str_eq(is, to))
		return ERR_OK;
	if (to.n == 0)
		return p ? take_away(card, r, p) : ERR_OK;
	if (!p)
		TRY(add_property(card, r, &p));
	switch (r->kind) {
	case KIND_COMPONENT:
		return set_component(card, r, p, to);
	case KIND_DATE:
		return set_day(card, p, to);
	case KIND_PICTURE:
		return set_picture(card, p, to);
	case KIND_PHONE:
		return set_number(card, p, to);
	case KIND_IM:
		return set_im(card, p, to);
	case KIND_TEXT:
	case KIND_FILE_AS:
		break;
	}
	return vcard_set_text(card, p, to);
}

static bool same_list(const struct contact *a, const struct contact *b, enum contact_list which)
{
	bool same = a->list[which].n == b->list[which].n;

	for (size_t i = 0; same && i < a->list[which].n; i++)
		same = str_eq(a->list[which].v[i], b->list[which].v[i]);
	return same;
}

static enum err set_categories(struct vcard *card, const struct contact *to)
{
	struct vcard_property *p;
	size_t at = 0;

	while ((p = vcard_next(card, "CATEGORIES", &at)) != NULL)
		p->gone = true;
	if (to->list[CONTACT_CATEGORIES].n == 0)
		return ERR_OK;
	TRY(vcard_add(card, S("CATEGORIES"), STR_EMPTY, &p));
	for (size_t i = 0; i < to->list[CONTACT_CATEGORIES].n; i++)
		TRY(vcard_set_component(card, p, ',', i, to->list[CONTACT_CATEGORIES].v[i]));
	return ERR_OK;
}

static enum err set_children(struct vcard *card, const struct contact *to)
{
	struct vcard_property *p;
	size_t at = 0;

	while ((p = vcard_next(card, "RELATED", &at)) != NULL)
		p->gone |= is_child(p);
	for (size_t i = 0; i < to->list[CONTACT_CHILDREN].n; i++) {
		TRY(vcard_add(card, S("RELATED"), S(";TYPE=child;VALUE=text"), &p));
		TRY(vcard_set_text(card, p, to->list[CONTACT_CHILDREN].v[i]));
	}
	return ERR_OK;
}

/* The name as it is read aloud; without one the company, else an address. */
static enum err full_name(struct arena *a, const struct contact *c, struct str *ret)
{
	static const enum contact_field parts[] = { CONTACT_TITLE, CONTACT_FIRST_NAME, CONTACT_MIDDLE_NAME,
						    CONTACT_LAST_NAME, CONTACT_SUFFIX },
					others[] = { CONTACT_COMPANY, CONTACT_NICKNAME, CONTACT_EMAIL_1,
						     CONTACT_PHONE_MOBILE, CONTACT_PHONE_HOME };
	CLEANUP(buf_release) struct buf name = BUF_INIT(VCARD_MAX_BYTES);

	for (size_t i = 0; i < countof(parts); i++) {
		if (name.n && c->field[parts[i]].n)
			buf_char(&name, ' ');
		buf_str(&name, c->field[parts[i]]);
	}
	for (size_t i = 0; i < countof(others) && name.n == 0; i++)
		buf_str(&name, c->field[others[i]]);
	TRY(buf_status(&name));
	return arena_str(a, buf_view(&name), ret);
}

/* RFC 6350 6.2.1: there is one. It follows the name unless somebody has written another one. */
static enum err follow_name(struct vcard *card, const struct contact *before)
{
	struct vcard_property *fn = vcard_find(card, "FN");
	struct contact after;
	struct str was, is, said = STR_EMPTY;

	TRY(contact_read(card->arena, card, &after));
	TRY(full_name(card->arena, before, &was));
	TRY(full_name(card->arena, &after, &is));
	if (is.n == 0)
		is = after.field[CONTACT_FILE_AS];
	if (fn)
		TRY(vcard_text(card->arena, fn, &said));
	if (fn && (!str_eq(said, was) || str_eq(was, is)))
		return ERR_OK;
	if (!fn)
		TRY(vcard_add(card, S("FN"), STR_EMPTY, &fn));
	return vcard_set_text(card, fn, is);
}

enum err contact_apply(struct vcard *card, const struct contact_edit *edit)
{
	struct contact before;

	TRY(contact_read(card->arena, card, &before));
	for (size_t i = 0; i < CONTACT_FIELD_MAX_; i++)
		if (edit->has[i])
			TRY(set_one(card, &rules[i], edit->to.field[i]));
	if (edit->has_list[CONTACT_CATEGORIES] && !same_list(&before, &edit->to, CONTACT_CATEGORIES))
		TRY(set_categories(card, &edit->to));
	if (edit->has_list[CONTACT_CHILDREN] && !same_list(&before, &edit->to, CONTACT_CHILDREN))
		TRY(set_children(card, &edit->to));
	return follow_name(card, &before);
}

enum err contact_stamp(struct vcard *card, uint64_t unique, int64_t now_ms)
{
	CLEANUP(buf_release) struct buf uid = BUF_INIT(64), rev = BUF_INIT(32);
	struct vcard_property *p = vcard_find(card, "REV");
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&now, &tm))
		return ERR_INVALID;
	buf_fmt(&rev, "%04d%02d%02dT%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		tm.tm_sec);
	if (!p)
		TRY(vcard_add(card, S("REV"), STR_EMPTY, &p));
	TRY(vcard_set_text(card, p, buf_view(&rev)));
	if (vcard_find(card, "UID"))
		return ERR_OK;
	buf_fmt(&uid, "%016llx%012llx@roost", (unsigned long long)unique, (unsigned long long)now_ms);
	TRY(vcard_add(card, S("UID"), STR_EMPTY, &p));
	return vcard_set_text(card, p, buf_view(&uid));
}
