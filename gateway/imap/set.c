/* Sequence sets. */
#include <gateway/imap/set.h>

#include <gateway/imap/limits.h>

#include <stdlib.h>

static uint32_t number_or_star(struct imap_in *in)
{
	return in_try(in, '*') ? IMAP_STAR : in_nz_number(in);
}

static size_t count_ranges(const struct imap_in *in)
{
	size_t n = 1;

	for (size_t i = in->at; i < in->text.n && strchr("0123456789:*,", in->text.p[i]) && in->text.p[i]; i++)
		n += in->text.p[i] == ',';
	return n;
}

struct imap_set in_set(struct imap_in *in)
{
	struct imap_set s = { 0 };
	size_t most;

	if (in_try(in, '$')) {
		s.saved = true;
		return s;
	}
	most = count_ranges(in);
	s.ranges = most <= IMAP_MAX_RANGES ? arena_array(in->arena, most, sizeof(*s.ranges)) : NULL;
	if (!s.ranges) {
		in_fail(in, "too many numbers in a set");
		return s;
	}
	do {
		struct imap_range *r = &s.ranges[s.n++];

		r->lo = r->hi = number_or_star(in);
		if (in_try(in, ':'))
			r->hi = number_or_star(in);
	} while (in_ok(in) && in_try(in, ','));
	return s;
}

static int by_lo(const void *a, const void *b)
{
	const struct imap_range *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

void imap_set_resolve(struct imap_set *s, uint32_t last)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct imap_range *r = &s->ranges[i];
		uint32_t a = r->lo == IMAP_STAR ? last : r->lo, b = r->hi == IMAP_STAR ? last : r->hi;

		*r = a < b ? (struct imap_range){ a, b } : (struct imap_range){ b, a };
	}
	if (s->n)
		qsort(s->ranges, s->n, sizeof(*s->ranges), by_lo);
	for (size_t i = 0; i < s->n; i++) {
		struct imap_range r = s->ranges[i];

		if (n && (r.lo <= s->ranges[n - 1].hi || r.lo == s->ranges[n - 1].hi + 1)) {
			if (r.hi > s->ranges[n - 1].hi)
				s->ranges[n - 1].hi = r.hi;
		} else {
			s->ranges[n++] = r;
		}
	}
	s->n = n;
}

bool imap_set_has(const struct imap_set *s, uint32_t n)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->ranges[mid].hi < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n && s->ranges[lo].lo <= n;
}

uint64_t imap_set_count(const struct imap_set *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += (uint64_t)s->ranges[i].hi - s->ranges[i].lo + 1;
	return n;
}

static void put_range(const struct imap_set_writer *w, struct buf *b)
{
	buf_u64(b, w->lo);
	if (w->hi == w->lo)
		return;
	buf_char(b, ':');
	buf_u64(b, w->hi);
}

void imap_set_add(struct imap_set_writer *w, struct buf *b, uint32_t n)
{
	if (w->any && n == w->hi + 1) {
		w->hi = n;
		return;
	}
	if (w->any) {
		put_range(w, b);
		buf_char(b, ',');
	}
	*w = (struct imap_set_writer){ n, n, true };
}

void imap_set_finish(struct imap_set_writer *w, struct buf *b)
{
	if (w->any)
		put_range(w, b);
	w->any = false;
}
