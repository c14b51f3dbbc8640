/* Short forms for the rows of types_*.c: of struct `s` its member `f`, which is also the element's name. */
#ifndef GATEWAY_EWS_ROWS_H
#define GATEWAY_EWS_ROWS_H

#include <gateway/ews/types.h>

/* clang-format off */
#define ROW(s, f, kind_, place_) .name = #f, .kind = kind_, .place = place_, .at = offsetof(struct s, f)
/* A_: an attribute; M_: of the messages' namespace; NEED_: a request has it. */
#define TEXT(s, f) { ROW(s, f, EWS_TEXT, EWS_TYPES) }
#define NEED_TEXT(s, f) { ROW(s, f, EWS_TEXT, EWS_TYPES), .required = true }
#define BOOL(s, f) { ROW(s, f, EWS_BOOL, EWS_TYPES) }
#define INT(s, f, min_, max_) { ROW(s, f, EWS_INT, EWS_TYPES), .min = min_, .max = max_ }
#define NEED_INT(s, f, min_, max_) { ROW(s, f, EWS_INT, EWS_TYPES), .required = true, .min = min_, .max = max_ }
#define ENUM(s, f, names_) { ROW(s, f, EWS_ENUM, EWS_TYPES), .names = names_ }
#define NEED_ENUM(s, f, names_) { ROW(s, f, EWS_ENUM, EWS_TYPES), .required = true, .names = names_ }
#define TIME(s, f) { ROW(s, f, EWS_TIME, EWS_TYPES) }
#define NEED_TIME(s, f) { ROW(s, f, EWS_TIME, EWS_TYPES), .required = true }
#define STRUCT(s, f, type_) { ROW(s, f, EWS_STRUCT, EWS_TYPES), .type = type_ }
#define NEED_STRUCT(s, f, type_) { ROW(s, f, EWS_STRUCT, EWS_TYPES), .required = true, .type = type_ }
#define LIST(s, f, type_) { ROW(s, f, EWS_LIST, EWS_TYPES), .type = type_ }
#define M_TEXT(s, f) { ROW(s, f, EWS_TEXT, EWS_MESSAGES) }
#define NEED_M_TEXT(s, f) { ROW(s, f, EWS_TEXT, EWS_MESSAGES), .required = true }
#define M_STRUCT(s, f, type_) { ROW(s, f, EWS_STRUCT, EWS_MESSAGES), .type = type_ }
#define NEED_M_STRUCT(s, f, type_) { ROW(s, f, EWS_STRUCT, EWS_MESSAGES), .required = true, .type = type_ }
#define M_LIST(s, f, type_) { ROW(s, f, EWS_LIST, EWS_MESSAGES), .type = type_ }
#define NEED_M_LIST(s, f, type_) { ROW(s, f, EWS_LIST, EWS_MESSAGES), .required = true, .type = type_ }
#define A_TEXT(s, f) { ROW(s, f, EWS_TEXT, EWS_ATTRIBUTE) }
#define NEED_A_TEXT(s, f) { ROW(s, f, EWS_TEXT, EWS_ATTRIBUTE), .required = true }
#define A_BOOL(s, f) { ROW(s, f, EWS_BOOL, EWS_ATTRIBUTE) }
#define NEED_A_BOOL(s, f) { ROW(s, f, EWS_BOOL, EWS_ATTRIBUTE), .required = true }
#define A_INT(s, f, min_, max_) { ROW(s, f, EWS_INT, EWS_ATTRIBUTE), .min = min_, .max = max_ }
#define NEED_A_INT(s, f, min_, max_) { ROW(s, f, EWS_INT, EWS_ATTRIBUTE), .required = true, .min = min_, .max = max_ }
#define A_ENUM(s, f, names_) { ROW(s, f, EWS_ENUM, EWS_ATTRIBUTE), .names = names_ }
#define NEED_A_ENUM(s, f, names_) { ROW(s, f, EWS_ENUM, EWS_ATTRIBUTE), .required = true, .names = names_ }
#define CONTENT(s, f) { ROW(s, f, EWS_TEXT, EWS_CONTENT) }
#define CONTENT_ENUM(s, f, names_) { ROW(s, f, EWS_ENUM, EWS_CONTENT), .names = names_ }
#define CHOICES(s, f, type_) { ROW(s, f, EWS_CHOICES, EWS_TYPES), .type = type_ }
/* Passed over: `name` is no member. */
#define ANYTHING(name_) { .name = name_, .kind = EWS_ANYTHING, .place = EWS_TYPES }
/* An alternative of EWS_CHOICES. */
#define EITHER(name_, type_) { .name = name_, .kind = EWS_STRUCT, .place = EWS_TYPES, .type = type_ }
/* const struct ews_type NAME of `struct s` with the rows that follow. */
#define ROWS(name_, s, ...) \
	static const struct ews_field name_##_rows[] = { __VA_ARGS__ }; \
	const struct ews_type name_ = EWS_TYPE(s, name_##_rows)
#define STATIC_ROWS(name_, s, ...) \
	static const struct ews_field name_##_rows[] = { __VA_ARGS__ }; \
	static const struct ews_type name_ = EWS_TYPE(s, name_##_rows)
/* clang-format on */

#endif
