/* What makes a connection of libcurl a safe one, for the few that hold a handle
 * of their own. */
#ifndef BF_IO_SECURE_H
#define BF_IO_SECURE_H

#include <curl/curl.h>

#include <stdbool.h>

#include "io/conf.h"

/* Set on e: https alone (http too where the profile's exchange is on this machine),
 * TLS 1.2 at least, the peer and its name verified against the system's certificates
 * or the profile's ca_file; no redirect, .netrc or signal; through the profile's proxy by CONNECT,
 * through no other. false: this libcurl
 * lacks one of them, and e must not be used. A session must have been opened. */
bool rest_secure(CURL *e, const struct profile *p);

/* What an environment can do to OpenSSL, libcurl, lws and the C library is undone: a
 * configuration that loads code, other certificates to trust, a file for the keys of TLS, a
 * proxy, other names for hosts; and what would be loaded into programs we start. Called
 * before anything of OpenSSL, by cred_prepare and by whoever connects; again is fine. */
void secure_environment(void);

#endif
