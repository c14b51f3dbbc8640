/* The commands of roost-phone. Each returns ERR_OK, ERR_STALE where it was cut as asked, or the fault in p->why. */
#ifndef PHONE_COMMANDS_H
#define PHONE_COMMANDS_H

#include "apply.h"
#include "hierarchy.h"
#include "phone.h"
#include "ping.h"

typedef enum err command_run(struct phone *p);

command_run command_options;
command_run command_provision;
command_run command_folders;
command_run command_sync;
command_run command_wait;
command_run command_act; /* read, unread, flag, unflag, delete */
command_run command_event;
command_run command_answer; /* accept, tentative, decline */
command_run command_move;
command_run command_estimate;
command_run command_fetch;
command_run command_settings;
command_run command_ping;
command_run command_watch;
command_run command_send, command_reply, command_forward;
command_run command_status;
command_run command_list;

/*
 * The folders that --folder and --all name, as an array of n in the arena `a`. Never empty: that is a fault.
 */
enum err folders_selected(struct phone *p, struct arena *a, struct folder ***ret, size_t *ret_n) MUST_CHECK;

/* The folder in which the phone has that message. ERR_NOT_FOUND: it has none. */
enum err message_folder(struct phone *p, struct str id, struct str *ret_folder) MUST_CHECK;

/* Syncs until nothing is left to fetch. on_add: for each new message. */
enum err sync_folders(struct phone *p, struct folder **folders, size_t n,
		      void (*on_add)(const struct sync_item *item)) MUST_CHECK;

/* For on_add: a line on stdout. */
void sync_print_new(const struct sync_item *item);

/* One Ping; adopts the heartbeat that the server names where ours is out of its bounds, once. */
enum err ping_once(struct phone *p, struct folder **folders, size_t n, struct ping_reply *ret) MUST_CHECK;

/* The text of a status of 101 and above, or of the command's own; for messages. */
enum err status_fault(struct phone *p, const char *command, uint32_t status);

#endif
