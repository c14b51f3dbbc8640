/* The distinguished folders of the schema (DistinguishedFolderIdNameType) and which of ours they are. */
#ifndef GATEWAY_EWS_FOLDER_NAMES_H
#define GATEWAY_EWS_FOLDER_NAMES_H

#include <store/folder.h>

/* Not a role of the store: the root, and what no mailbox here has. */
enum { EWS_IS_ROOT = FOLDER_ROLE_MAX_, EWS_IS_NOWHERE };

#define EWS_DISTINGUISHED(X)                                                  \
	X(CALENDAR, "calendar", FOLDER_DEFAULT_CALENDAR)                      \
	X(CONTACTS, "contacts", FOLDER_DEFAULT_CONTACTS)                      \
	X(DELETED, "deleteditems", FOLDER_DELETED)                            \
	X(DRAFTS, "drafts", FOLDER_DRAFTS)                                    \
	X(INBOX, "inbox", FOLDER_INBOX)                                       \
	X(NOTES, "notes", FOLDER_DEFAULT_NOTES)                               \
	X(OUTBOX, "outbox", FOLDER_OUTBOX)                                    \
	X(SENT, "sentitems", FOLDER_SENT)                                     \
	X(TASKS, "tasks", FOLDER_DEFAULT_TASKS)                               \
	X(MESSAGE_ROOT, "msgfolderroot", EWS_IS_ROOT)                         \
	X(ROOT, "root", EWS_IS_ROOT)                                          \
	X(JUNK, "junkemail", FOLDER_JUNK)                                     \
	X(ARCHIVE, "archive", FOLDER_ARCHIVE)                                 \
	X(RECIPIENT_CACHE, "recipientcache", FOLDER_RECIPIENT_CACHE)          \
	X(JOURNAL, "journal", EWS_IS_NOWHERE)                                 \
	X(PUBLIC_ROOT, "publicfoldersroot", EWS_IS_NOWHERE)                   \
	X(SEARCH_FOLDERS, "searchfolders", EWS_IS_NOWHERE)                    \
	X(VOICE_MAIL, "voicemail", EWS_IS_NOWHERE)                            \
	X(RECOVERABLE, "recoverableitemsroot", EWS_IS_NOWHERE)                \
	X(RECOVERABLE_DELETIONS, "recoverableitemsdeletions", EWS_IS_NOWHERE) \
	X(RECOVERABLE_VERSIONS, "recoverableitemsversions", EWS_IS_NOWHERE)   \
	X(RECOVERABLE_PURGES, "recoverableitemspurges", EWS_IS_NOWHERE)       \
	X(ARCHIVE_ROOT, "archiveroot", EWS_IS_NOWHERE)                        \
	X(ARCHIVE_MESSAGE_ROOT, "archivemsgfolderroot", EWS_IS_NOWHERE)       \
	X(ARCHIVE_DELETED, "archivedeleteditems", EWS_IS_NOWHERE)             \
	X(ARCHIVE_INBOX, "archiveinbox", EWS_IS_NOWHERE)                      \
	X(SYNC_ISSUES, "syncissues", EWS_IS_NOWHERE)                          \
	X(CONFLICTS, "conflicts", EWS_IS_NOWHERE)                             \
	X(LOCAL_FAILURES, "localfailures", EWS_IS_NOWHERE)                    \
	X(SERVER_FAILURES, "serverfailures", EWS_IS_NOWHERE)                  \
	X(QUICK_CONTACTS, "quickcontacts", EWS_IS_NOWHERE)                    \
	X(CONVERSATION_HISTORY, "conversationhistory", EWS_IS_NOWHERE)        \
	X(ADMIN_AUDIT, "adminauditlogs", EWS_IS_NOWHERE)                      \
	X(TODO_SEARCH, "todosearch", EWS_IS_NOWHERE)                          \
	X(MY_CONTACTS, "mycontacts", EWS_IS_NOWHERE)                          \
	X(DIRECTORY, "directory", EWS_IS_NOWHERE)                             \
	X(IM_CONTACTS, "imcontactlist", EWS_IS_NOWHERE)                       \
	X(PEOPLE_CONNECT, "peopleconnect", EWS_IS_NOWHERE)                    \
	X(FAVORITES, "favorites", EWS_IS_NOWHERE)

#endif
