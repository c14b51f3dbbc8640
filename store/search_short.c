/*
 * Words of one and two characters. The trigram tokenizer knows none of them, and Chinese and Japanese words are mostly
 * that short. The different ones of a text are few, and only that they are in it is kept (detail=column).
 */
#include <store/search_rows.h>

#include <base/mem.h>
#include <base/utf8.h>

#include <stdlib.h>

enum {
	SET_FIRST = 1024, /* a power of two */
	CODE_BITS = 21,
	PRIVATE_USE = 0xe000, /* the engine's tokenizer parts words at ASCII that is no letter or digit */
};

/* Open addressing; 0 is a free place, and no pair is 0. */
struct set {
	uint64_t *places;
	size_t room, n;
};

static size_t place_of(const struct set *s, uint64_t pair)
{
	size_t at = (size_t)(pair * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (s->room - 1);

	while (s->places[at] && s->places[at] != pair)
		at = (at + 1) & (s->room - 1);
	return at;
}

static void grow(struct set *s)
{
	struct set bigger = { .room = s->room ? 2 * s->room : SET_FIRST, .n = s->n };

	bigger.places = mem_array(bigger.room, sizeof(*bigger.places));
	for (size_t i = 0; i < s->room; i++)
		if (s->places[i])
			bigger.places[place_of(&bigger, s->places[i])] = s->places[i];
	free(s->places);
	*s = bigger;
}

/* True where it is new. */
static bool set_add(struct set *s, uint64_t pair)
{
	if (2 * s->n >= s->room)
		grow(s);
	size_t at = place_of(s, pair);
	if (s->places[at])
		return false;
	s->places[at] = pair;
	s->n++;
	return true;
}

static bool is_word_byte(uint32_t code)
{
	return code >= 0x80 || (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z');
}

static void put_code(struct buf *out, uint32_t code)
{
	utf8_put(out, is_word_byte(code) ? code : PRIVATE_USE + code);
}

static void put_new(struct set *s, struct buf *out, uint32_t first, uint32_t second)
{
	if (!set_add(s, (uint64_t)first << CODE_BITS | second))
		return;
	if (out->n)
		buf_char(out, ' ');
	put_code(out, first);
	if (second)
		put_code(out, second);
}

/* Folded text is valid, but what comes from a disk is looked at. */
static size_t next_code(struct str s, uint32_t *ret)
{
	size_t n = utf8_decode(s, ret);

	if (n)
		return n;
	*ret = ' ';
	return 1;
}

void search_short_put(struct buf *out, struct str text)
{
	struct set seen = { 0 };
	uint32_t before = ' ', code;

	for (size_t at = 0; at < text.n; before = code) {
		at += next_code(str_slice(text, at, text.n), &code);
		if (code == ' ' || code == 0)
			continue;
		put_new(&seen, out, code, 0);
		if (before != ' ' && before != 0)
			put_new(&seen, out, before, code);
	}
	free(seen.places);
}

void search_short_word(struct buf *out, struct str text)
{
	uint32_t code;

	for (size_t at = 0; at < text.n;) {
		at += next_code(str_slice(text, at, text.n), &code);
		put_code(out, code);
	}
}

size_t search_length(struct str text)
{
	size_t n = 0;
	uint32_t code;

	for (size_t at = 0; at < text.n && n < 3; n++)
		at += next_code(str_slice(text, at, text.n), &code);
	return n;
}
