#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "io/ca.h"
#include "io/secure.h"

void
secure_environment(void)
{
	static const char *const names[] = {
		"OPENSSL_CONF", "OPENSSL_CONF_INCLUDE", "OPENSSL_MODULES", "OPENSSL_ENGINES",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "CTLOG_FILE", "QLOGDIR", "RANDFILE",
		/* libcurl, lws: a way that the profile does not name */
		"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
		"NO_PROXY", "ftp_proxy", "FTP_PROXY", "socks_proxy", "SOCKS_PROXY", "CURL_HOME", "CURL_CA_BUNDLE",
		"CURL_SSL_BACKEND", "NETRC",
		/* the C library: other names for hosts, code and messages from files */
		"HOSTALIASES", "LOCALDOMAIN", "RES_OPTIONS", "GCONV_PATH", "NLSPATH", "LOCPATH", "MALLOC_TRACE",
		"GETCONF_DIR",
		/* what was to be loaded is loaded: this is for those we start */
		"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "LD_DEBUG", "LD_DEBUG_OUTPUT", "LD_PROFILE",
		"LD_PROFILE_OUTPUT", "LD_ORIGIN_PATH", "LD_BIND_NOT", "LD_DYNAMIC_WEAK", "LD_HWCAP_MASK",
		"DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH",
		"BASH_ENV", "ENV", "SHELLOPTS", "IFS", "CDPATH",	/* sh -c of secret_cmd */
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	/* Nor the system's own file: it costs a tenth of a one-shot tool's time. Said
	 * before the first use, or the first use reads it. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

bool
rest_secure(CURL *e, const struct profile *p)
{
	const char *dir;
	bool ok = true;

#define SET(o, v)	(ok = curl_easy_setopt(e, (o), (v)) == CURLE_OK && ok)
	SET(CURLOPT_PROTOCOLS_STR, p->loopback ? "http,https" : "https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PROXY, p->proxy);	/* "": none, and nothing from the environment */
	SET(CURLOPT_NOPROXY, p->proxy[0] != '\0' ? "" : "*");
	if (p->proxy[0] != '\0') {	/* it is asked for a tunnel, and sees neither header nor path */
		SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
		SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
		SET(CURLOPT_PROXYHEADER, NULL);
		SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);	/* its headers are not the exchange's */
	}
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_USERAGENT, "bf/" BF_VERSION);
	if (p->ca_file[0] != '\0') {
		SET(CURLOPT_CAINFO, p->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	} else if (strncmp(p->rest, "https:", 6) == 0 && (dir = ca_dir()) != NULL) {
		SET(CURLOPT_CAINFO, NULL);
		SET(CURLOPT_CAPATH, dir);
	}
#undef SET
	return ok;
}
