/*
 * LMTP deliveries a second at synchronous=FULL: clients on one connection and on eight, to one mailbox and to eight,
 * with messages of two sizes; and how many flushes each delivery cost. An MTA's way of talking: MAIL, RCPT and DATA
 * together, then the text. Usage: bench_lmtp FOLDER [SECONDS]. The folder decides which disk is measured; it is filled
 * and left to the caller.
 */
#include <base/log.h>
#include <gateway/lmtp/lmtp.h>
#include <gateway/mailbox/send.h>
#include <gateway/mailbox/intake.h>
#include <gateway/net/net.h>
#include <store/account.h>
#include <store/folder.h>

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 8, WORKERS = 8, QUEUE_MAX = 256, SECONDS_DEFAULT = 2, ANSWER_MAX = 4096 };

struct bench {
	struct store *store;
	struct net *net;
	struct pool *pool;
	struct listener *listener;
	struct lmtp_server lmtp;
	struct send_service sender;
	unsigned port;
};

struct client {
	pthread_t thread;
	unsigned port, mailbox;
	size_t message_bytes;
	int64_t until_us;
	uint64_t number, done;
	bool failed;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int dial(unsigned port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&in, sizeof(in))) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool send_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
	return true;
}

/* Reads until the last line begins with this code. */
static bool await(int fd, const char *code)
{
	char answer[ANSWER_MAX];
	size_t n = 0;

	while (n < sizeof(answer)) {
		ssize_t got = recv(fd, answer + n, sizeof(answer) - n, 0);
		struct str line;

		if (got <= 0)
			return false;
		n += (size_t)got;
		line = str_from(answer, n);
		if (!str_ends(line, S("\r\n")))
			continue;
		for (struct str rest = str_slice(line, 0, n - 2); str_cut(&rest, '\n', &line);)
			;
		if (str_starts(line, str_of(code)))
			return true;
	}
	return false;
}

/* A message of that size; each is another, so that none shares its octets with one before. */
static void put_message(struct buf *b, const struct client *c)
{
	buf_fmt(b,
		"From: Joe <joe@far.test>\r\nTo: user%u@example.test\r\nSubject: Number %llu\r\n"
		"Message-ID: <%llu@far.test>\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\n",
		c->mailbox, (unsigned long long)c->number, (unsigned long long)c->number);
	while (b->n < c->message_bytes)
		buf_cstr(b, "A line of text as mails have them, neither very short nor very long.\r\n");
	buf_cstr(b, ".\r\n");
}

static bool deliver(struct client *c, int fd, struct buf *b)
{
	buf_clear(b);
	buf_fmt(b, "MAIL FROM:<joe@far.test>\r\nRCPT TO:<user%u@example.test>\r\nDATA\r\n", c->mailbox);
	if (!send_all(fd, buf_view(b)) || !await(fd, "354 "))
		return false;
	buf_clear(b);
	c->number++;
	put_message(b, c);
	return send_all(fd, buf_view(b)) && await(fd, "250 ");
}

static void *run_client(void *arg)
{
	struct client *c = arg;
	struct buf b = BUF_INIT(2 * c->message_bytes + ANSWER_MAX);
	int fd = dial(c->port);

	c->failed = fd < 0 || !await(fd, "220 ") || !send_all(fd, S("LHLO bench\r\n")) || !await(fd, "250 SIZE");
	while (!c->failed && now_us() < c->until_us) {
		c->failed = !deliver(c, fd, &b);
		c->done += !c->failed;
	}
	if (fd >= 0)
		close(fd);
	buf_release(&b);
	return NULL;
}

static void measure(struct bench *b, unsigned clients, unsigned mailboxes, size_t bytes, uint64_t seconds)
{
	struct client all[CLIENTS_MAX] = { 0 };
	uint64_t flushes = store_flushes(b->store), done = 0;
	int64_t begun = now_us();
	double took_s, cpu = cpu_s();

	for (unsigned i = 0; i < clients; i++) {
		all[i] = (struct client){ .port = b->port,
					  .mailbox = i % mailboxes,
					  .message_bytes = bytes,
					  .until_us = begun + (int64_t)seconds * 1000000,
					  .number = (uint64_t)begun * CLIENTS_MAX + i * (uint64_t)10000000 };
		pthread_create(&all[i].thread, NULL, run_client, &all[i]);
	}
	for (unsigned i = 0; i < clients; i++) {
		pthread_join(all[i].thread, NULL);
		done += all[i].done;
		if (all[i].failed)
			fprintf(stderr, "client %u failed\n", i);
	}
	took_s = (double)(now_us() - begun) / 1e6;
	cpu = cpu_s() - cpu;
	flushes = store_flushes(b->store) - flushes;
	printf("bytes=%zu connections=%u mailboxes=%u deliveries/s=%.0f flushes/delivery=%.2f cpu_us/delivery=%.0f\n",
	       bytes, clients, mailboxes, (double)done / took_s, (double)flushes / (double)done,
	       cpu * 1e6 / (double)done);
}

static enum err add_account(struct store *s, unsigned n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(1 << 16);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(buf_release) struct buf address = BUF_INIT(ACCOUNT_ADDRESS_MAX);
	struct account account;
	int64_t id;

	buf_fmt(&address, "user%u@example.test", n);
	TRY(store_begin(s, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(account_add(tx, &(struct account_new){ .address = buf_view(&address) }, &id));
	TRY(account_get(&a, tx, id, &account));
	TRY(store_commit(&tx));
	TRY(store_begin(s, account.mailbox, STORE_WRITE, &tx));
	TRY(folder_make_defaults(tx));
	return store_commit(&tx);
}

static enum err start(struct bench *b, const char *folder)
{
	CLEANUP(buf_release) struct buf why = BUF_INIT(1024);
	struct store_config config = { .state_dir = folder, .clock = clock_real(), .max_handles = 64 };
	struct listener_args listen = { .address = "127.0.0.1:0", .open = lmtp_open, .ctx = &b->lmtp };

	TRY(store_open(&config, &b->store));
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		TRY(add_account(b->store, i));
	TRY(net_start(&(struct net_args){ clock_real(), 1, 2 * CLIENTS_MAX }, &b->net));
	TRY(pool_start(WORKERS, QUEUE_MAX, &b->pool));
	b->lmtp.store = b->store;
	b->lmtp.sender = &b->sender;
	b->sender.store = b->store;
	b->sender.clock = clock_real();
	b->lmtp.pool = b->pool;
	b->lmtp.clock = clock_real();
	b->lmtp.hostname = "mx.example.test";
	b->lmtp.state_dir = folder;
	b->lmtp.max_message = INTAKE_MAX_BYTES_DEFAULT;
	TRY(listener_open(b->net, &listen, &b->listener, &why));
	b->port = listener_port(b->listener);
	return ERR_OK;
}

int main(int argc, char **argv)
{
	static const struct {
		unsigned clients, mailboxes;
	} cases[] = { { 1, 1 }, { 8, 1 }, { 8, 8 } };
	static const size_t sizes[] = { 4 * 1024, 62 * 1024 };
	static struct bench b;
	uint64_t seconds = SECONDS_DEFAULT;
	enum err e;

	if (argc < 2 || (argc > 2 && str_to_u64(str_of(argv[2]), 3600, &seconds) != ERR_OK)) {
		fprintf(stderr, "usage: bench_lmtp FOLDER [SECONDS]\n");
		return 2;
	}
	log_set_level(LOG_LEVEL_WARN);
	e = start(&b, argv[1]);
	if (e) {
		fprintf(stderr, "%s: %s\n", argv[1], err_text(e));
		return 1;
	}
	for (size_t i = 0; i < countof(sizes); i++)
		for (size_t j = 0; j < countof(cases); j++)
			measure(&b, cases[j].clients, cases[j].mailboxes, sizes[i], seconds);
	listener_close(&b.listener);
	pool_drain(b.pool);
	net_stop(&b.net);
	pool_stop(&b.pool);
	store_close(&b.store);
	return 0;
}
