/* Routes and method names. */
#include <gateway/http/http_priv.h>

static const char *const methods[] = {
	[HTTP_OPTIONS] = "OPTIONS", [HTTP_GET] = "GET",       [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",         [HTTP_DELETE] = "DELETE", [HTTP_OTHER] = "OTHER",
};

const char *method_name(enum http_method m)
{
	return methods[m];
}

enum http_method method_of(const char *name)
{
	for (int m = 0; m < HTTP_OTHER; m++)
		if (!strcmp(methods[m], name))
			return (enum http_method)m;
	return HTTP_OTHER;
}

static bool matches(struct str route, struct str path)
{
	if (route.n && route.p[route.n - 1] == '/')
		return str_istarts(path, route);
	return str_ieq(path, route);
}

const struct http_route *route_find(const struct http_route *routes, size_t n, struct str path)
{
	for (size_t i = 0; i < n; i++)
		if (matches(str_of(routes[i].path), path))
			return &routes[i];
	return NULL;
}

/* Who answers GET answers HEAD: the body is left out below. */
bool route_allows(const struct http_route *route, enum http_method method)
{
	unsigned mask = route->methods;

	if (mask & 1u << HTTP_GET)
		mask |= 1u << HTTP_HEAD;
	return mask & 1u << method;
}

size_t route_max_body(const struct http_route *route, size_t server_max)
{
	return route && route->max_body && route->max_body < server_max ? route->max_body : server_max;
}

void route_put_allow(const struct http_route *route, struct http_response *resp)
{
	struct buf list = BUF_INIT(128);

	for (int m = 0; m < HTTP_OTHER; m++)
		if (route_allows(route, (enum http_method)m))
			buf_fmt(&list, "%s%s", list.n ? ", " : "", methods[m]);
	http_response_header(resp, "Allow", buf_view(&list));
	buf_release(&list);
}
