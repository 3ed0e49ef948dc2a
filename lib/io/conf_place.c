/* Where an exchange is: what is built in, and what follows from what a profile says. */
#include <stdio.h>
#include <string.h>

#include "io/conf_in.h"

static const struct {
	const char *name, *rest, *ws, *coinm_rest, *coinm_ws, *wsapi, *coinm_wsapi, *sapi;
} built_in[] = {
	{ "live", "https://fapi.binance.com", "wss://fstream.binance.com",
	  "https://dapi.binance.com", "wss://dstream.binance.com",
	  "wss://ws-fapi.binance.com", "wss://ws-dapi.binance.com", "https://api.binance.com" },
	{ "demo", "https://demo-fapi.binance.com", "wss://demo-fstream.binance.com",
	  "https://demo-dapi.binance.com", "wss://demo-dstream.binance.com",
	  "wss://testnet.binancefuture.com", "wss://testnet.binancefuture.com", "" },
};

bool
conf_built_in(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(name, built_in[i].name) == 0)
			return true;
	return false;
}

const char *
conf_built_in_name(size_t i)
{
	return i < sizeof built_in / sizeof *built_in ? built_in[i].name : NULL;
}

void
conf_set_built_in(struct profile *p, bool *found)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->name, built_in[i].name) == 0) {
			snprintf(p->rest, sizeof p->rest, "%s", built_in[i].rest);
			snprintf(p->ws, sizeof p->ws, "%s", built_in[i].ws);
			*found = true;
		}
}

static void
fill_in(char out[static 256], const char *from)
{
	if (out[0] == '\0')
		snprintf(out, 256, "%s", from);
}

/* What `exchange` names, where the profile says nothing else. */
void
conf_set_of_exchange(struct profile *p)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->exchange, built_in[i].name) == 0) {
			fill_in(p->rest, built_in[i].rest);
			fill_in(p->ws, built_in[i].ws);
		}
}

/* `exchange` and `rest` do not contradict each other. */
bool
conf_agrees(const struct profile *p)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->exchange, built_in[i].name) == 0)
			return strcmp(p->rest, built_in[i].rest) == 0;
	return true;
}

/* Which of the built-in exchanges is meant, by its address; and its spot API, which knows the keys. */
void
conf_set_place(struct profile *p)
{
	size_t i;

	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->rest, built_in[i].rest) == 0) {
			snprintf(p->exchange, sizeof p->exchange, "%s", built_in[i].name);
			fill_in(p->sapi, built_in[i].sapi);
		}
	if (p->loopback)
		fill_in(p->sapi, p->rest);
}

/* COIN-M where a profile says nothing of it. */
void
conf_set_coinm(struct profile *p)
{
	size_t i;

	if (p->coinm_rest[0] != '\0' || p->coinm_ws[0] != '\0')
		return;
	if (p->loopback) {
		memcpy(p->coinm_rest, p->rest, sizeof p->rest);
		memcpy(p->coinm_ws, p->ws, sizeof p->ws);
	}
	for (i = 0; i < sizeof built_in / sizeof *built_in; i++)
		if (strcmp(p->rest, built_in[i].rest) == 0) {
			snprintf(p->coinm_rest, sizeof p->coinm_rest, "%s", built_in[i].coinm_rest);
			snprintf(p->coinm_ws, sizeof p->coinm_ws, "%s", built_in[i].coinm_ws);
		}
}

/* The WebSocket API where a profile says nothing of it. */
void
conf_set_wsapi(struct profile *p)
{
	size_t i;

	if (p->loopback) {
		fill_in(p->wsapi, p->ws);
		fill_in(p->coinm_wsapi, p->coinm_ws);
	}
	for (i = 0; i < sizeof built_in / sizeof *built_in; i++) {
		if (strcmp(p->rest, built_in[i].rest) == 0)
			fill_in(p->wsapi, built_in[i].wsapi);
		if (strcmp(p->coinm_rest, built_in[i].coinm_rest) == 0)
			fill_in(p->coinm_wsapi, built_in[i].coinm_wsapi);
	}
}

bool
conf_is_loopback(const char *url)
{
	const char *host = strstr(url, "://");
	bool loopback = false;

	if (host != NULL)
		conf_host_end(host + 3, &loopback);
	return loopback;
}

/* All that is said is on this machine, or nothing is. */
bool
conf_one_side(const struct profile *p)
{
	const char *const url[] = { p->ws, p->coinm_rest, p->coinm_ws, p->wsapi, p->coinm_wsapi, p->sapi };
	size_t i;

	for (i = 0; i < sizeof url / sizeof *url; i++)
		if (url[i][0] != '\0' && conf_is_loopback(url[i]) != p->loopback)
			return false;
	return true;
}
