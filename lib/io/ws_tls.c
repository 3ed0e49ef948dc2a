/* TLS: 1.2 or newer, the chain and the host's name always checked, and a reason
 * in words when it is refused. lws itself only says that it was. */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "io/ca.h"
#include "io/ws_in.h"

uint64_t
tls_options(const struct ws_loop *l)
{
	bool own = l->ca_file[0] != '\0' || ca_dir() != NULL;

	return LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
	    (own ? LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS : 0);
}

static struct ws_conn *
conn_of(const SSL *ssl)
{
	struct ws_loop *l = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	int fd = SSL_get_fd(ssl);
	struct ws_conn *c;

	for (c = l->conns; c != NULL; c = c->next)
		if (c->wsi != NULL && lws_get_socket_fd(c->wsi) == fd)
			return c;
	return NULL;
}

static void
refused(struct ws_conn *c, const char *what, const char *detail)
{
	if (c->why.text[0] != '\0')
		return;
	why_set(&c->why, "%s port %d: %s%s", c->host, c->port, what, detail);
	c->why.tls = true;
}

/* What the error queue says of a handshake that failed. */
static void
handshake_failed(struct ws_conn *c, const SSL *ssl)
{
	unsigned long e = ERR_peek_last_error();
	long verdict = SSL_get_verify_result(ssl);
	const char *reason = ERR_reason_error_string(e);
	int r = ERR_GET_REASON(e);

#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING
	if (r == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return;		/* it went: that is not refused, and may pass */
#endif
	if (verdict != X509_V_OK)
		refused(c, "certificate refused: ", X509_verify_cert_error_string(verdict));
	else if (r == SSL_R_UNSUPPORTED_PROTOCOL || r == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
		refused(c, "TLS refused: protocol version too low, nothing below 1.2 is taken", "");
	else if (r == SSL_R_WRONG_VERSION_NUMBER)
		refused(c, "TLS refused: the other side does not speak TLS", "");
	else if (reason != NULL)
		refused(c, "TLS refused: ", reason);
}

/* Called by OpenSSL at each step. Older versions of lws empty the error queue
 * before anybody could look at it; here it is full. */
static void
on_info(const SSL *ssl, int where, int ret)
{
	struct ws_conn *c;

	if (where != SSL_CB_CONNECT_EXIT || ret > 0 || ERR_peek_last_error() == 0)
		return;
	if ((c = conn_of(ssl)) != NULL)
		handshake_failed(c, ssl);
}

void
tls_setup(struct ws_loop *l, void *arg)
{
	SSL_CTX *ctx = arg;
	const char *dir = ca_dir();
	int ok = 1;

	SSL_CTX_set_app_data(ctx, l);
	SSL_CTX_set_info_callback(ctx, on_info);
	if (l->ca_file[0] != '\0')
		ok = SSL_CTX_load_verify_locations(ctx, l->ca_file, NULL);
	else if (dir != NULL)
		ok = SSL_CTX_load_verify_locations(ctx, NULL, dir);
	l->ca_bad = ok != 1 || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1;
	ERR_clear_error();
}

/* lws asks OpenSSL to compare the name too, with what it makes of ours; this is
 * the name as it was given. */
static bool
name_fits(const struct ws_conn *c, X509 *cert)
{
	struct addresses a;

	if (lookup_numeric(c->host, &a))
		return X509_check_ip_asc(cert, c->host, 0) == 1;
	return X509_check_host(cert, c->host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

int
tls_check(struct ws_conn *c, void *arg, bool good)
{
	X509_STORE_CTX *store = arg;

	if (c == NULL)
		return -1;
	if (!good) {
		refused(c, "certificate refused: ",
		    X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
		return -1;
	}
	if (X509_STORE_CTX_get_error_depth(store) > 0 || name_fits(c, X509_STORE_CTX_get_current_cert(store)))
		return 0;
	refused(c, "certificate refused: ", "hostname mismatch");
	return -1;
}
