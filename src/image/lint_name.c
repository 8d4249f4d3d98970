/* What the names of files say. */
#include <string.h>

#include "image/lint_pass.h"
#include "image/name.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *text, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(text, names[i]) == 0)
			return true;
	return false;
}

/* True where one of the names begins the path. */
static bool begins(const char *path, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(path, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The path ends in "bin/" and its base name. */
static bool is_in_bin(const char *path, const char *base)
{
	return base - path >= 4 && memcmp(base - 4, "bin/", 4) == 0 &&
	       (base - path == 4 || base[-5] == '/' || base[-5] == 's');
}

static void check_program_name(struct lint *lint, const char *path)
{
	static const char *const shells[] = { "sh",  "bash", "dash", "ash",
					      "zsh", "ksh",  "fish" };
	static const char *const managers[] = { "apt",	    "apt-get", "dpkg",
						"apk",	    "yum",     "dnf",
						"microdnf", "rpm",     "pacman",
						"zypper",   "opkg" };
	const char *base = name_base(path);

	if (!is_in_bin(path, base))
		return;
	if (is_one_of(base, shells, COUNT(shells)))
		lint_find_path(lint, LINT_SHELL_PRESENT, path, "%s", base);
	if (is_one_of(base, managers, COUNT(managers)))
		lint_find_path(lint, LINT_PACKAGE_MANAGER, path, "%s", base);
}

void lint_name_rules(struct lint *lint, const struct tree_node *node)
{
	static const char *const caches[] = {
		"var/lib/apt/lists/", "var/cache/apt/",	  "var/cache/apk/",
		"var/cache/dnf/",     "var/cache/yum/",	  "var/cache/pacman/",
		"var/cache/zypp/",    "root/.cache/pip/", "root/.npm/_cacache/",
	};

	if (node->type == TAR_DIR)
		return;
	check_program_name(lint, node->path);
	/* apt's lock is there in any image that has apt. */
	if (node->type == TAR_FILE && node->size &&
	    begins(node->path, caches, COUNT(caches)))
		lint_find_path(lint, LINT_PACKAGE_CACHE, node->path,
			       "%llu bytes", (unsigned long long)node->size);
}

bool lint_is_secret(const char *path)
{
	static const char *const bases[] = {
		".env",	   ".git",	 ".netrc",     ".pgpass",
		".pypirc", ".dockercfg", ".htpasswd",  "id_rsa",
		"id_dsa",  "id_ecdsa",	 "id_ed25519",
	};
	static const char *const tails[] = { ".aws/credentials",
					     ".docker/config.json",
					     ".kube/config",
					     ".git-credentials" };
	size_t len = strlen(path);

	if (is_one_of(name_base(path), bases, COUNT(bases)))
		return true;
	for (size_t i = 0; i < COUNT(tails); i++) {
		size_t n = strlen(tails[i]);

		if (len >= n && strcmp(path + len - n, tails[i]) == 0 &&
		    (len == n || path[len - n - 1] == '/'))
			return true;
	}
	return false;
}

bool lint_is_ca(const char *path)
{
	/* As Go's crypto/x509 (root_linux.go) and OpenSSL look for them. */
	static const char *const files[] = {
		"etc/ssl/certs/ca-certificates.crt",
		"etc/pki/tls/certs/ca-bundle.crt",
		"etc/ssl/ca-bundle.pem",
		"etc/pki/tls/cacert.pem",
		"etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"etc/ssl/cert.pem",
	};

	return is_one_of(path, files, COUNT(files));
}

bool lint_is_mounted(const char *path)
{
	static const char *const names[] = { "proc/", "dev/", "sys/", "run/" };
	static const char *const files[] = { "proc",	    "dev",
					     "sys",	    "run",
					     "etc/hosts",   "etc/resolv.conf",
					     "etc/hostname" };

	return begins(path, names, COUNT(names)) ||
	       is_one_of(path, files, COUNT(files));
}
