/* The certificates this system trusts. */
#ifndef BF_IO_CA_H
#define BF_IO_CA_H

/* The directory of the system's certificates if it has hashed links: it is then
 * much faster to trust than the one big file (25 to 42 ms a process). NULL: there
 * is none, and the TLS library's own default is best. Looked at once a call. */
const char *ca_dir(void);

#endif
