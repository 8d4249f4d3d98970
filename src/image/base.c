#include "image/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/accounts.h"
#include "image/copy.h"
#include "image/plan.h"
#include "image/recipe.h"
#include "image/view.h"

#define CERTIFICATES "/etc/ssl/certs/ca-certificates.crt"
#define ZONEINFO     "/usr/share/zoneinfo"

enum { ZONE_MAX = 1024 * 1024 };

/* posix/ repeats the tree, right/ is for nobody, localtime is the host's. */
static bool keep_zone(const char *name)
{
	return strcmp(name, "posix") != 0 && strcmp(name, "right") != 0 &&
	       strcmp(name, "localtime") != 0;
}

/* What static has on top of scratch, and the package that brings it. */
static const struct {
	const char *path;
	const char *package;
	bool (*keep)(const char *name);
} static_files[] = {
	{ CERTIFICATES, "ca-certificates", NULL },
	{ ZONEINFO, "tzdata", keep_zone },
	{ "/usr/lib/os-release", "base-files", NULL },
	{ "/etc/mime.types", "media-types", NULL },
	{ "/etc/ethertypes", "netbase", NULL },
	{ "/etc/protocols", "netbase", NULL },
	{ "/etc/rpc", "netbase", NULL },
	{ "/etc/services", "netbase", NULL },
};

static int add_home(struct plan *plan, struct err *err)
{
	return plan_add(plan,
			&(struct plan_entry){ .path = "/home/nonroot",
					      .type = TAR_DIR,
					      .mode = 0700,
					      .uid = ACCOUNTS_NONROOT,
					      .gid = ACCOUNTS_NONROOT,
					      .origin = "the base" },
			err);
}

/* The recipe's own are no part of what bases share. */
static int add_accounts(struct plan *plan, const char *path, const char *usual,
			const struct buf *text, struct err *err)
{
	return plan_add(plan,
			&(struct plan_entry){
				.path = path,
				.layer = slice_eq(buf_slice(text), usual)
						 ? PLAN_BASE
						 : PLAN_PROGRAM,
				.type = TAR_FILE,
				.mode = 0644,
				.size = text->len,
				.bytes = text->at,
				.origin = "pith",
			},
			err);
}

static int add_scratch(struct plan *plan, const struct recipe *recipe,
		       struct err *err)
{
	/* Never "compat": that would dlopen a library no closure shows. */
	static const char nsswitch[] = "hosts: files dns\n";

	if (plan_add_dir(plan, "/", 0755, err) < 0 ||
	    plan_add_dir(plan, "/root", 0700, err) < 0 ||
	    plan_add_dir(plan, "/tmp", 01777, err) < 0 ||
	    add_home(plan, err) < 0)
		return -1;
	if (add_accounts(plan, "/etc/passwd", accounts_passwd,
			 &recipe->accounts.passwd, err) < 0 ||
	    add_accounts(plan, "/etc/group", accounts_group,
			 &recipe->accounts.group, err) < 0)
		return -1;
	return plan_add_bytes(plan, "/etc/nsswitch.conf", slice_from(nsswitch),
			      err);
}

static int add_static_file(struct plan *plan, const struct root *root, size_t i,
			   struct err *err)
{
	const struct view view = { .root = root };
	auto_view_file struct view_file file = { 0 };
	int got = view_find(&file, &view, static_files[i].path, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, 0,
			       "Base=static needs %s: install the package %s",
			       static_files[i].path, static_files[i].package);
	return copy_add(plan,
			&(struct copy){ .from = file.file.at,
					.to = static_files[i].path,
					.origin = "Base=static",
					.keep = static_files[i].keep },
			NULL, err);
}

/* A zone file of the plan and what is in it. */
struct zone {
	struct plan_entry *entry;
	uint8_t digest[SHA256_DIGEST_SIZE];
};

static int compare_zones(const void *a, const void *b)
{
	const struct zone *x = a;
	const struct zone *y = b;
	int order = memcmp(x->digest, y->digest, sizeof(x->digest));

	return order ? order : strcmp(x->entry->path, y->entry->path);
}

static int digest_zone(struct zone *zone, struct err *err)
{
	auto_free char *data = NULL;
	size_t len;
	struct sha256_ctx sha;

	auto_buf struct buf file = { 0 };

	plan_file(&file, zone->entry);
	if (io_load(&data, &len, file.at, ZONE_MAX, err) < 0)
		return -1;
	sha256_init(&sha);
	sha256_update(&sha, len, (const uint8_t *)data);
	sha256_digest(&sha, sizeof(zone->digest), zone->digest);
	return 0;
}

/* Turn a file into a symlink to its twin: both are below ZONEINFO. */
static void link_zone(struct arena *texts, struct plan_entry *entry,
		      const struct plan_entry *twin)
{
	const char *below = entry->path + sizeof(ZONEINFO);
	auto_buf struct buf link = { 0 };

	for (; (below = strchr(below, '/')); below++)
		buf_text(&link, "../");
	buf_text(&link, twin->path + sizeof(ZONEINFO));
	entry->type = TAR_SYMLINK;
	entry->mode = 0777;
	entry->size = 0;
	entry->from = NULL;
	entry->link = arena_text(texts, buf_slice(&link));
}

/* Some zones are one under many names, and not every host links them. */
static int link_zones(struct plan *plan, struct err *err)
{
	auto_free struct zone *zones = mem_new(plan->count, sizeof(*zones));
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++) {
		struct plan_entry *entry = &plan->entries[i];

		if (entry->type != TAR_FILE || !entry->from ||
		    strncmp(entry->path, ZONEINFO "/", sizeof(ZONEINFO)) != 0)
			continue;
		zones[count].entry = entry;
		if (digest_zone(&zones[count++], err) < 0)
			return -1;
	}
	qsort(zones, count, sizeof(*zones), compare_zones);
	for (size_t i = 1, first = 0; i < count; i++) {
		if (memcmp(zones[i].digest, zones[first].digest,
			   SHA256_DIGEST_SIZE) == 0)
			link_zone(&plan->texts, zones[i].entry,
				  zones[first].entry);
		else
			first = i;
	}
	return 0;
}

static int add_certificate_path(struct service_words *environment,
				struct err *err)
{
	static char setting[] = "SSL_CERT_FILE=" CERTIFICATES;
	size_t name = sizeof("SSL_CERT_FILE=") - 1;

	for (size_t i = 0; i < environment->count; i++)
		if (strncmp(environment->at[i], setting, name) == 0)
			return 0;
	if (environment->count == SERVICE_WORDS_MAX)
		return err_set(err, 0, "Environment: no room for %s", setting);
	environment->at[environment->count++] = setting;
	return 0;
}

static int add_static(struct plan *plan, struct recipe *recipe,
		      const struct root *root, struct err *err)
{
	size_t count = sizeof(static_files) / sizeof(static_files[0]);

	for (size_t i = 0; i < count; i++)
		if (add_static_file(plan, root, i, err) < 0)
			return -1;
	if (link_zones(plan, err) < 0)
		return -1;
	if (plan_add_symlink(plan, "/etc/os-release", "../usr/lib/os-release",
			     err) < 0)
		return -1;
	return add_certificate_path(&recipe->service.environment, err);
}

int base_add(struct plan *plan, struct recipe *recipe, const struct root *root,
	     struct err *err)
{
	if (add_scratch(plan, recipe, err) < 0)
		return -1;
	if (recipe->base >= RECIPE_STATIC)
		return add_static(plan, recipe, root, err);
	return 0;
}
