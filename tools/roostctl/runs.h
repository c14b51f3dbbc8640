/* What the rows of the table run (commands.c); each is in the file named after its noun. */
#ifndef ROOSTCTL_RUNS_H
#define ROOSTCTL_RUNS_H

#include <tools/roostctl/command.h>

enum status account_run_add(struct ctl *c, const struct args *args);
enum status account_run_list(struct ctl *c, const struct args *args);
enum status account_run_passwd(struct ctl *c, const struct args *args);
enum status account_run_disable(struct ctl *c, const struct args *args);
enum status account_run_enable(struct ctl *c, const struct args *args);
enum status account_run_remove(struct ctl *c, const struct args *args);
enum status ceiling_run_account(struct ctl *c, const struct args *args);
enum status ceiling_run_device(struct ctl *c, const struct args *args);
enum status account_run_free_busy(struct ctl *c, const struct args *args);
enum status domain_run_free_busy(struct ctl *c, const struct args *args);
enum status account_run_redirect(struct ctl *c, const struct args *args);
enum status alias_run_add(struct ctl *c, const struct args *args);
enum status alias_run_remove(struct ctl *c, const struct args *args);
enum status alias_run_list(struct ctl *c, const struct args *args);
enum status certificate_run_add(struct ctl *c, const struct args *args);
enum status certificate_run_remove(struct ctl *c, const struct args *args);
enum status certificate_run_list(struct ctl *c, const struct args *args);
enum status app_password_run_add(struct ctl *c, const struct args *args);
enum status app_password_run_list(struct ctl *c, const struct args *args);
enum status app_password_run_remove(struct ctl *c, const struct args *args);
enum status login_mode_run(struct ctl *c, const struct args *args);
enum status auth_log_run(struct ctl *c, const struct args *args);
enum status import_run(struct ctl *c, const struct args *args);
enum status export_run(struct ctl *c, const struct args *args);
enum status deliver_run(struct ctl *c, const struct args *args);
enum status folder_run_list(struct ctl *c, const struct args *args);
enum status folder_run_add(struct ctl *c, const struct args *args);
enum status folder_run_rename(struct ctl *c, const struct args *args);
enum status folder_run_remove(struct ctl *c, const struct args *args);
enum status message_run_list(struct ctl *c, const struct args *args);
enum status message_run_show(struct ctl *c, const struct args *args);
enum status message_run_read(struct ctl *c, const struct args *args);
enum status message_run_unread(struct ctl *c, const struct args *args);
enum status message_run_flag(struct ctl *c, const struct args *args);
enum status message_run_unflag(struct ctl *c, const struct args *args);
enum status message_run_delete(struct ctl *c, const struct args *args);
enum status message_run_move(struct ctl *c, const struct args *args);
enum status device_run_list(struct ctl *c, const struct args *args);
enum status device_run_show(struct ctl *c, const struct args *args);
enum status held_back_run(struct ctl *c, const struct args *args);
enum status device_run_remove(struct ctl *c, const struct args *args);
enum status session_run_list(struct ctl *c, const struct args *args);
enum status session_run_kick(struct ctl *c, const struct args *args);
enum status server_run_status(struct ctl *c, const struct args *args);
enum status server_run_reload(struct ctl *c, const struct args *args);
enum status server_run_drain(struct ctl *c, const struct args *args);
enum status top_run(struct ctl *c, const struct args *args);
enum status completion_run(struct ctl *c, const struct args *args);
enum status account_run_activesync(struct ctl *c, const struct args *args);
enum status device_run_folders(struct ctl *c, const struct args *args);
enum status device_run_resync(struct ctl *c, const struct args *args);
enum status device_run_allow(struct ctl *c, const struct args *args);
enum status device_run_block(struct ctl *c, const struct args *args);
enum status device_run_unlist(struct ctl *c, const struct args *args);
enum status device_run_wipe(struct ctl *c, const struct args *args);
enum status device_run_wipe_cancel(struct ctl *c, const struct args *args);
enum status device_run_reap(struct ctl *c, const struct args *args);
enum status quarantine_run_list(struct ctl *c, const struct args *args);
enum status quarantine_run_admins(struct ctl *c, const struct args *args);
enum status quarantine_run_text(struct ctl *c, const struct args *args);
enum status access_rule_run_list(struct ctl *c, const struct args *args);
enum status access_rule_run_add(struct ctl *c, const struct args *args);
enum status access_rule_run_remove(struct ctl *c, const struct args *args);
enum status access_rule_run_default(struct ctl *c, const struct args *args);
enum status access_rule_run_test(struct ctl *c, const struct args *args);
enum status policy_run_list(struct ctl *c, const struct args *args);
enum status policy_run_show(struct ctl *c, const struct args *args);
enum status policy_run_create(struct ctl *c, const struct args *args);
enum status policy_run_set(struct ctl *c, const struct args *args);
enum status policy_run_delete(struct ctl *c, const struct args *args);
enum status policy_run_assign(struct ctl *c, const struct args *args);
enum status policy_run_unassign(struct ctl *c, const struct args *args);
enum status policy_run_default(struct ctl *c, const struct args *args);
enum status policy_run_export(struct ctl *c, const struct args *args);
enum status policy_run_import(struct ctl *c, const struct args *args);
enum status group_run_list(struct ctl *c, const struct args *args);
enum status group_run_show(struct ctl *c, const struct args *args);
enum status group_run_create(struct ctl *c, const struct args *args);
enum status group_run_delete(struct ctl *c, const struct args *args);
enum status group_run_add(struct ctl *c, const struct args *args);
enum status group_run_remove(struct ctl *c, const struct args *args);
enum status check_config_run(struct ctl *c, const struct args *args);
enum status search_run_rebuild(struct ctl *c, const struct args *args);
enum status sweep_run(struct ctl *c, const struct args *args);

enum status queue_run_list(struct ctl *c, const struct args *args);
enum status queue_run_show(struct ctl *c, const struct args *args);
enum status queue_run_retry(struct ctl *c, const struct args *args);
enum status queue_run_drop(struct ctl *c, const struct args *args);

#endif
