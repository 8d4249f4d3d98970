#include "image/conf_path.h"

#include <string.h>

/* As Debian has it: /etc/sasl2:/etc/sasl:/usr/lib/TRIPLET/sasl2. */
static bool is_sasl_conf(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".conf") == 0 &&
	       (strstr(path, "/sasl/") || strstr(path, "/sasl2/"));
}

/* "/etc/pkcs11/modules/NAME.module", where p11-kit has its own, and gnutls's. */
static bool is_p11_conf(const char *path)
{
	const char *dot = strrchr(path, '.');

	if (strstr(path, "/gnutls/pkcs11.conf"))
		return true;
	return dot && strcmp(dot, ".module") == 0 &&
	       (strstr(path, "/pkcs11/modules/") ||
		strstr(path, "/p11-kit/modules/"));
}

/* Fedora's /etc/pam.d has links to what authselect(8) has made. */
static bool is_pam_conf(const char *path, const char *slash)
{
	return strstr(path, "/pam.d/") || strstr(path, "/authselect/") ||
	       strcmp(slash, "/pam.conf") == 0;
}

bool conf_path_is(const char *path)
{
	static const char *const begins[] = { "etc/ld.so.conf",
					      "etc/ld.so.preload",
					      "etc/ld-musl-",
					      "etc/nsswitch.conf" };
	const char *slash;

	while (*path == '/' || strncmp(path, "./", 2) == 0)
		path += *path == '/' ? 1 : 2;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(path, begins[i], strlen(begins[i])) == 0)
			return true;
	slash = strrchr(path, '/');
	return slash && (is_sasl_conf(path) || is_p11_conf(path) ||
			 is_pam_conf(path, slash) ||
			 strncmp(slash, "/gconv-modules", 14) == 0 ||
			 strstr(path, "/gconv-modules.d/") ||
			 strcmp(slash, "/nsswitch.conf") == 0 ||
			 strcmp(slash, "/openssl.cnf") == 0);
}
