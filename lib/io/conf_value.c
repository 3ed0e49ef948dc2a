/* The values of a profile. Each setter answers what is wrong with the value, or NULL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/conf_in.h"

static bool
printable(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static const char *
copy_text(char *out, size_t size, const char *v)
{
	if (!printable(v))
		return "holds a control character";
	if (strlen(v) >= size)
		return "too long";
	memcpy(out, v, strlen(v) + 1);
	return NULL;
}

const char *
conf_host_end(const char *host, bool *loopback)
{
	static const char *const local[] = { "localhost", "127.0.0.1", "[::1]" };
	size_t i, n;

	*loopback = false;
	for (i = 0; i < sizeof local / sizeof *local; i++) {
		n = strlen(local[i]);
		if (strncmp(host, local[i], n) == 0 && strchr(":", host[n]) != NULL) {
			*loopback = true;
			return host + n;
		}
	}
	n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.");
	return n == 0 || host[0] == '-' || host[0] == '.' ? NULL : host + n;
}

static bool
port_ok(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= 5 && s[n] == '\0' && atoi(s) >= 1 && atoi(s) <= 65535;
}

static const char *
set_url(char out[static 256], const char *v, const char *safe, const char *plain)
{
	size_t nsafe = strlen(safe), nplain = strlen(plain), n = strlen(v);
	bool is_plain, loopback;
	const char *end;

	if (n >= 256)
		return "too long";
	is_plain = strncmp(v, plain, nplain) == 0;
	if (!is_plain && strncmp(v, safe, nsafe) != 0)
		return "wrong scheme: https:// for rest, wss:// for ws and wsapi";
	memcpy(out, v, n + 1);
	if (out[n - 1] == '/')
		out[n - 1] = '\0';
	end = conf_host_end(out + (is_plain ? nplain : nsafe), &loopback);
	if (end == NULL || (*end != '\0' && (*end != ':' || !port_ok(end + 1))))
		return "not SCHEME://HOST or SCHEME://HOST:PORT, in lower case";
	if (is_plain && !loopback)
		return "unencrypted, which is allowed to this machine only";
	return NULL;
}

static const char *
set_int(int *out, const char *v, int max, const char *no)
{
	size_t n = strspn(v, "0123456789");

	if (n == 0 || n > 9 || v[n] != '\0' || atoi(v) < 1 || atoi(v) > max)
		return no;
	*out = atoi(v);
	return NULL;
}

/* Words separated by single blanks; a continued line adds to them. */
static const char *
add_symbols(char *out, size_t size, const char *v)
{
	size_t len = strlen(out), n;

	if (!printable(v))
		return "holds a control character";
	while (*(v += strspn(v, " ,")) != '\0') {
		n = strcspn(v, " ,");
		if (len + n + 2 > size)
			return "too many";
		if (len > 0)
			out[len++] = ' ';
		memcpy(out + len, v, n);
		out[len += n] = '\0';
		v += n;
	}
	return NULL;
}

static const char *
set_path(char *out, size_t size, const char *v, const char *dir)
{
	char path[1024];

	if (v[0] == '~')
		return "write the whole path, ~ is not expanded";
	snprintf(path, sizeof path, "%s%s%s", v[0] == '/' ? "" : dir, v[0] == '/' ? "" : "/", v);
	return copy_text(out, size, path);
}

/* $CREDENTIALS_DIRECTORY/NAME: what systemd hands to a service. Elsewhere it stays as written, and is found
 * missing by whoever needs the key. */
static const char *
set_key_file(struct profile *p, const char *v)
{
	static const char word[] = "$CREDENTIALS_DIRECTORY/";
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (strncmp(v, word, sizeof word - 1) != 0)
		return set_path(p->key_file, sizeof p->key_file, v, p->conf_dir);
	if (dir == NULL || dir[0] != '/')
		return copy_text(p->key_file, sizeof p->key_file, v);
	return set_path(p->key_file, sizeof p->key_file, v + sizeof word - 1, dir);
}

/* Goes into a header: one word of ASCII. */
static const char *
set_api_key(char *out, size_t size, const char *v)
{
	const char *s;

	for (s = v; *s != '\0'; s++)
		if (*s <= 0x20 || *s >= 0x7f)
			return "holds a blank or a character that is not ASCII";
	return copy_text(out, size, v);
}

static const char *
set_notional(dec *out, const char *v)
{
	return dec_parse(out, v) && dec_sign(*out) > 0 ? NULL : "not a positive decimal";
}

const char *const conf_key[KEY_COUNT] = {
	[KEY_REST] = "rest", [KEY_WS] = "ws", [KEY_COINM_REST] = "coinm_rest",
	[KEY_COINM_WS] = "coinm_ws", [KEY_WSAPI] = "wsapi", [KEY_COINM_WSAPI] = "coinm_wsapi",
	[KEY_CA] = "ca_file", [KEY_FILE] = "key_file",
	[KEY_CMD] = "secret_cmd", [KEY_API] = "api_key",
	[KEY_NOTIONAL] = "max_order_notional", [KEY_POSITION] = "max_position_notional",
	[KEY_DISTANCE] = "max_price_distance", [KEY_RATE] = "max_orders_per_minute",
	[KEY_SYMBOLS] = "symbols", [KEY_WINDOW] = "recv_window",
	[KEY_EXCHANGE] = "exchange", [KEY_SAPI] = "sapi", [KEY_PROXY] = "proxy",
	[KEY_WITHDRAWALS] = "allow_withdrawals",
};

/* As in 5 or 0.5: a cap that is meant as none is left out. */
static const char *
set_percent(dec *out, const char *v)
{
	if (strchr(v, '%') != NULL)
		return "a number of percent, without the sign";
	if (!dec_parse(out, v) || dec_sign(*out) <= 0 || dec_cmp(*out, (dec){ 1000, 0 }) > 0)
		return "not a decimal above 0 and up to 1000 (percent)";
	return NULL;
}

/* The addresses of a built-in profile, under another name. */
static const char *
set_exchange(char out[static 8], const char *v)
{
	if (!conf_built_in(v))
		return "live or demo";
	snprintf(out, 8, "%s", v);
	return NULL;
}

/* No name and no password in it: it would be one more secret in a file that others may read. */
static const char *
set_proxy(char out[static 256], const char *v)
{
	bool loopback;
	const char *end;

	if (strchr(v, '@') != NULL)
		return "holds a name or password, which no proxy of bf's is given";
	if (strncmp(v, "http://", 7) != 0 || strlen(v) >= 256 ||
	    (end = conf_host_end(v + 7, &loopback)) == NULL || *end != ':' || !port_ok(end + 1))
		return "not http://HOST:PORT, in lower case";
	snprintf(out, 256, "%s", v);
	return NULL;
}

static const char *
set_bool(bool *out, const char *v)
{
	*out = strcmp(v, "yes") == 0;
	return *out || strcmp(v, "no") == 0 ? NULL : "yes or no";
}

const char *
conf_set(struct profile *p, enum key k, const char *v, bool more)
{
	switch (k) {
	case KEY_REST:
		return set_url(p->rest, v, "https://", "http://");
	case KEY_WS:
		return set_url(p->ws, v, "wss://", "ws://");
	case KEY_COINM_REST:
		return set_url(p->coinm_rest, v, "https://", "http://");
	case KEY_COINM_WS:
		return set_url(p->coinm_ws, v, "wss://", "ws://");
	case KEY_WSAPI:
		return set_url(p->wsapi, v, "wss://", "ws://");
	case KEY_COINM_WSAPI:
		return set_url(p->coinm_wsapi, v, "wss://", "ws://");
	case KEY_CA:
		return set_path(p->ca_file, sizeof p->ca_file, v, p->conf_dir);
	case KEY_FILE:
		return set_key_file(p, v);
	case KEY_CMD:
		return copy_text(p->secret_cmd, sizeof p->secret_cmd, v);
	case KEY_API:
		return set_api_key(p->api_key, sizeof p->api_key, v);
	case KEY_NOTIONAL:
		return set_notional(&p->max_order_notional, v);
	case KEY_POSITION:
		return set_notional(&p->max_position_notional, v);
	case KEY_DISTANCE:
		return set_percent(&p->max_price_distance, v);
	case KEY_RATE:
		return set_int(&p->max_orders_per_minute, v, 1000000, "not a whole number from 1 to 1000000");
	case KEY_SYMBOLS:
		if (!more)
			p->symbols[0] = '\0';
		return add_symbols(p->symbols, sizeof p->symbols, v);
	case KEY_WINDOW:	/* a longer one lets a stolen request live */
		return set_int(&p->recv_window, v, 10000, "not a whole number from 1 to 10000 (ms)");
	case KEY_EXCHANGE:
		return set_exchange(p->exchange, v);
	case KEY_SAPI:
		return set_url(p->sapi, v, "https://", "http://");
	case KEY_PROXY:
		return set_proxy(p->proxy, v);
	case KEY_WITHDRAWALS:
		return set_bool(&p->allow_withdrawals, v);
	case KEY_COUNT:
		break;
	}
	return "not a key";
}

const char *
profile_value_wrong(const char *key, const char *value)
{
	struct profile scratch = { 0 };
	int k;

	for (k = 0; k < KEY_COUNT && strcmp(key, conf_key[k]) != 0; )
		k++;
	if (k < KEY_COUNT && value[0] == '\0')
		return "empty";
	return k < KEY_COUNT ? conf_set(&scratch, (enum key)k, value, false) : "unknown key";
}
