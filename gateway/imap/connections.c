/* Counts of connections. */
#include <gateway/imap/connections.h>

#include <base/table.h>

void imap_connections_init(struct imap_server *sv)
{
	pthread_mutex_init(&sv->lock, NULL);
	sv->users = table_new();
	sv->addresses = table_new();
}

void imap_connections_release(struct imap_server *sv)
{
	table_free(&sv->users);
	table_free(&sv->addresses);
	pthread_mutex_destroy(&sv->lock);
}

/* A count is kept as the pointer's value: there is nothing to free. */
static bool add(struct imap_server *sv, struct table *t, struct str key, uintptr_t most)
{
	uintptr_t n;

	pthread_mutex_lock(&sv->lock);
	n = (uintptr_t)table_get(t, key);
	if (n < most)
		table_set(t, key, (void *)(n + 1));
	pthread_mutex_unlock(&sv->lock);
	return n < most;
}

static void take(struct imap_server *sv, struct table *t, struct str key)
{
	uintptr_t n;

	pthread_mutex_lock(&sv->lock);
	n = (uintptr_t)table_get(t, key);
	if (n > 1)
		table_set(t, key, (void *)(n - 1));
	else
		table_remove(t, key);
	pthread_mutex_unlock(&sv->lock);
}

bool imap_connections_enter(struct imap_session *se)
{
	struct imap_server *sv = se->server;

	se->counted_address = add(sv, sv->addresses, stream_peer(se->stream), IMAP_MAX_EARLY_PER_ADDRESS);
	return se->counted_address;
}

static void leave_address(struct imap_session *se)
{
	if (se->counted_address)
		take(se->server, se->server->addresses, stream_peer(se->stream));
	se->counted_address = false;
}

bool imap_connections_login(struct imap_session *se)
{
	uint64_t account = (uint64_t)se->account;

	se->counted_user = add(se->server, se->server->users, table_key_u64(&account), IMAP_MAX_USER_CONNECTIONS);
	if (se->counted_user)
		leave_address(se);
	return se->counted_user;
}

void imap_connections_leave(struct imap_session *se)
{
	uint64_t account = (uint64_t)se->account;

	leave_address(se);
	if (se->counted_user)
		take(se->server, se->server->users, table_key_u64(&account));
	se->counted_user = false;
}
