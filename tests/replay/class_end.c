/* The end of a life: everything lands, and each phone is compared with a new one. */
#include "class_life.h"

#include <stdio.h>

static bool land_box(struct phone *p, struct box *b)
{
	struct life *l = p->l;
	bool moved = false;

	for (unsigned i = 0;; i++) {
		bool begins = strcmp(b->key, "0") == 0;
		int told = phone_sync(p, b, (struct sync_how){ .window = 50 });

		arena_reset(&l->f.arena);
		arena_reset(&l->f.phone.arena);
		must(l, i < 50, "phone %s: a Sync without end", p->version);
		moved |= told > 0;
		if (!begins && told == 0 && b->pending_n == 0 && !b->more)
			break;
	}
	return moved;
}

static bool land(struct phone *p)
{
	bool moved = p->moves_n > 0;

	phone_hang_up(p);
	if (p->folder_wish.act != FOLDER_ACT_NONE)
		phone_folder_act(p, LOSS_NONE);
	phone_foldersync(p, LOSS_NONE);
	phone_move(p, LOSS_NONE);
	for (size_t i = 0; i < p->boxes_n; i++)
		moved |= land_box(p, &p->boxes[i]);
	return moved;
}

void life_land(struct life *l)
{
	note(l, "---- all lands\n");
	for (unsigned i = 0; i < 20; i++) {
		size_t letters = l->letters;
		bool moved = false;

		post_office(l);
		for (size_t k = 0; k < countof(l->phones); k++)
			moved |= land(&l->phones[k]);
		if (!moved && l->letters == letters)
			break;
		must(l, i < 19, "the phones never come to rest");
	}
}

/* Each element that the phone said is in what a new one is shown. */
static void compare_said(const struct phone *p, const struct shown *said, const struct shown *is)
{
	const struct life *l = p->l;
	const char *values[] = { "v", "T" };

	for (size_t i = 0; i < countof(values); i++) {
		const char *at = strstr(said->xml, values[i]);
		char word[32];
		size_t n = 0;

		for (; at && n < sizeof(word) - 1 && (n == 0 || (at[n] >= '0' && at[n] <= '9')); n++)
			word[n] = at[n];
		word[n] = '\0';
		must(l, n < 2 || strstr(is->xml, word), "phone %s: %s says %s\nand is %s", p->version, said->id,
		     said->xml, is->xml);
	}
}

static unsigned meeting_of(const char *xml)
{
	unsigned n;

	for (n = 0; n < MEETINGS; n++) {
		char word[16];

		snprintf(word, sizeof(word), "Meeting %u", n);
		if (strstr(xml, word))
			break;
	}
	return n;
}

struct census {
	unsigned of[TOKENS_MAX], meetings[MEETINGS + 1];
};

static void compare_box(struct phone *p, struct box *b, struct box *is, struct census *seen)
{
	struct life *l = p->l;

	must(l, is, "phone %s: folder %lld is not there any more", p->version, (long long)b->folder);
	must(l, b->n == is->n && strcmp(b->name, is->name) == 0,
	     "phone %s: %zu entries of folder %lld (%s), a new one is told %zu (%s)", p->version, b->n,
	     (long long)b->folder, b->name, is->n, is->name);
	for (size_t i = 0; i < b->n; i++) {
		struct shown *mine = &b->items[i], *now = box_find(is, mine->id);
		unsigned token;

		must(l, now, "phone %s: %s is not there any more", p->version, mine->id);
		must(l, !mine->owed, "phone %s: what %s is was never told", p->version, mine->id);
		if (b->c == MAIL)
			continue;
		token = token_of(now->xml);
		if (mine->said)
			compare_said(p, mine, now);
		else
			must(l, strcmp(mine->xml, now->xml) == 0, "phone %s: %s is\n%s\nand was told as\n%s",
			     p->version, mine->id, now->xml, mine->xml);
		must(l, ++seen->of[token] == 1 || token == 0, "phone %s: T%u is there twice, once as %s", p->version,
		     token, mine->id);
		must(l,
		     token || b->c != CALENDAR || ++seen->meetings[meeting_of(now->xml)] == 1 ||
			     meeting_of(now->xml) == MEETINGS,
		     "phone %s: a meeting is there twice: %s", p->version, now->xml);
		must(l, !l->kept[token] || strstr(now->xml, "KEEP"), "phone %s: T%u has lost what it never spoke of",
		     p->version, token);
	}
}

void life_compare(struct phone *p)
{
	struct life *l = p->l;
	static struct census seen;
	char device[16];

	memset(&seen, 0, sizeof(seen));
	snprintf(device, sizeof(device), "FRESH%.8s", p->device);
	phone_init(&l->fresh, l, p->version, p->login, device);
	phone_foldersync(&l->fresh, LOSS_NONE);
	for (size_t i = 0; i < l->fresh.boxes_n; i++)
		land_box(&l->fresh, &l->fresh.boxes[i]);
	must(l, p->boxes_n == l->fresh.boxes_n, "phone %s: %zu folders, a new one has %zu", p->version, p->boxes_n,
	     l->fresh.boxes_n);
	for (size_t i = 0; i < p->boxes_n; i++)
		compare_box(p, &p->boxes[i], phone_box(&l->fresh, p->boxes[i].folder), &seen);
	phone_release(&l->fresh);
	count_kept_back(l, seen.of);
	for (unsigned t = 1; t <= l->tokens && version_has_class(p->version, NOTES) && strcmp(p->device, "BEA") != 0;
	     t++) {
		must(l, seen.of[t] <= 1, "T%u is there twice, once in what is kept back", t);
		must(l, l->fates[t] != THERE || seen.of[t], "T%u was granted and is lost", t);
		must(l, l->fates[t] != GONE || !seen.of[t], "T%u was deleted and is there", t);
	}
}
