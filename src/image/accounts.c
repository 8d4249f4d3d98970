#include "image/accounts.h"

#include "base/err.h"
#include "base/num.h"
#include "base/slice.h"
#include "data/service.h"
#include "image/name.h"

const char accounts_passwd[] =
	"root:x:0:0:root:/root:/sbin/nologin\n"
	"nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
	"nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n";

const char accounts_group[] = "root:x:0:\n"
			      "nobody:x:65534:\n"
			      "tty:x:5:\n"
			      "staff:x:50:\n"
			      "nonroot:x:65532:\n";

struct account {
	struct slice name;
	uint32_t id;
	uint32_t gid; /* of a user: the fourth field */
};

/* Take one line's account off the front of *rest. */
static bool next_account(struct account *out, struct slice *rest)
{
	struct slice field = { "", 0 };
	struct slice line;

	if (!slice_cut(&line, rest, '\n'))
		return false;
	*out = (struct account){ 0 };
	out->name = field;
	slice_cut(&out->name, &line, ':');
	slice_cut(&field, &line, ':');
	if (slice_cut(&field, &line, ':'))
		num_u32(&out->id, field);
	if (slice_cut(&field, &line, ':'))
		num_u32(&out->gid, field);
	return true;
}

static bool find_name(struct account *out, const char *text, struct slice name)
{
	struct slice rest = slice_from(text);

	while (next_account(out, &rest))
		if (out->name.len == name.len &&
		    memcmp(out->name.at, name.at, name.len) == 0)
			return true;
	return false;
}

static bool find_id(struct account *out, const char *text, uint32_t id)
{
	struct slice rest = slice_from(text);

	while (next_account(out, &rest))
		if (out->id == id)
			return true;
	return false;
}

static int user_number(uint32_t *uid, const struct accounts *accounts,
		       struct slice name, struct err *err)
{
	struct account account;

	if (!find_name(&account, accounts->passwd.at, name))
		return err_set(err, 0,
			       "%.*s: no such user in the image (root, nobody, "
			       "nonroot, one of Account=, or a number)",
			       SLICE_ARGS(name));
	*uid = account.id;
	return 0;
}

static int group_number(uint32_t *gid, const struct accounts *accounts,
			struct slice name, struct err *err)
{
	struct account account;

	if (!find_name(&account, accounts->group.at, name))
		return err_set(err, 0,
			       "%.*s: no such group in the image (root, "
			       "nobody, tty, staff, nonroot, one of Account=, "
			       "or a number)",
			       SLICE_ARGS(name));
	*gid = account.id;
	return 0;
}

static uint32_t primary_group(const struct accounts *accounts, uint32_t uid)
{
	struct account account;

	return find_id(&account, accounts->passwd.at, uid) ? account.gid : uid;
}

static int resolve_group(struct service_id *group,
			 const struct accounts *accounts, struct err *err)
{
	if (group->name && group_number(&group->id, accounts,
					slice_from(group->name), err) < 0)
		return -1;
	group->name = NULL;
	return 0;
}

void accounts_start(struct accounts *accounts)
{
	*accounts = (struct accounts){ 0 };
	buf_text(&accounts->passwd, accounts_passwd);
	buf_text(&accounts->group, accounts_group);
}

void accounts_free(struct accounts *accounts)
{
	buf_free(&accounts->passwd);
	buf_free(&accounts->group);
}

/* As useradd(8) takes it. */
static bool is_account_name(struct slice name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_"
				      "0123456789-";

	if (!name.len || name.len > 32 ||
	    !strchr("abcdefghijklmnopqrstuvwxyz_", name.at[0]))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!memchr(letters, name.at[i], sizeof(letters) - 1))
			return false;
	return true;
}

/* Take a number off the front of *rest; where there is none it is usual. */
static bool take_number(uint32_t *out, struct slice *rest, uint32_t usual)
{
	struct slice field;

	*out = usual;
	if (!rest->len)
		return true;
	slice_cut(&field, rest, ':');
	return num_u32(out, field) && *out != UINT32_MAX;
}

static int check_new(const struct accounts *accounts, struct slice name,
		     uint32_t uid, uint32_t gid, struct err *err)
{
	struct account other;

	if (find_name(&other, accounts->passwd.at, name))
		return err_set(err, 0, "%.*s: is a user already",
			       SLICE_ARGS(name));
	if (find_id(&other, accounts->passwd.at, uid))
		return err_set(err, 0, "%.*s: %u is the user %.*s already",
			       SLICE_ARGS(name), uid, SLICE_ARGS(other.name));
	if (find_name(&other, accounts->group.at, name) && other.id != gid)
		return err_set(err, 0, "%.*s: is the group %u already",
			       SLICE_ARGS(name), other.id);
	return 0;
}

int accounts_add(struct accounts *accounts, const char **home, const char *text,
		 struct err *err)
{
	struct slice rest = slice_from(text), name = { "", 0 };
	uint32_t uid, gid;
	struct account other;

	slice_cut(&name, &rest, ':');
	if (!is_account_name(name) || !rest.len ||
	    !take_number(&uid, &rest, 0) || !take_number(&gid, &rest, uid) ||
	    (rest.len &&
	     (strchr(rest.at, ':') || name_check_path(rest.at, err) < 0)))
		return err_set(err, 0,
			       "'%s' is no account (such as www:33 or "
			       "redis:999:999:/var/lib/redis)",
			       text);
	if (check_new(accounts, name, uid, gid, err) < 0)
		return -1;
	*home = rest.len ? rest.at : NULL;
	if (!find_id(&other, accounts->group.at, gid))
		buf_fmt(&accounts->group, "%.*s:x:%u:\n", SLICE_ARGS(name),
			gid);
	buf_fmt(&accounts->passwd, "%.*s:x:%u:%u:%.*s:", SLICE_ARGS(name), uid,
		gid, SLICE_ARGS(name));
	buf_text(&accounts->passwd, *home ? *home : "/nonexistent");
	buf_text(&accounts->passwd, ":/sbin/nologin\n");
	return 0;
}

int accounts_resolve(struct service *service, const struct accounts *accounts,
		     struct err *err)
{
	struct service_id *user = &service->user;

	if (!user->is_set)
		*user = (struct service_id){ .is_set = true,
					     .id = ACCOUNTS_NONROOT };
	if (user->name &&
	    user_number(&user->id, accounts, slice_from(user->name), err) < 0)
		return err_wrap(err, "User");
	user->name = NULL;
	if (!service->group.is_set)
		service->group = (struct service_id){
			.is_set = true, .id = primary_group(accounts, user->id)
		};
	if (resolve_group(&service->group, accounts, err) < 0)
		return err_wrap(err, "Group");
	for (size_t i = 0; i < service->group_count; i++)
		if (resolve_group(&service->groups[i], accounts, err) < 0)
			return err_wrap(err, "SupplementaryGroups");
	return 0;
}

/* A number that the kernel takes for an id, not for "leave it alone". */
static bool is_number(uint32_t *id, struct slice text)
{
	return num_u32(id, text) && *id != UINT32_MAX;
}

int accounts_owner(uint32_t *uid, uint32_t *gid,
		   const struct accounts *accounts, struct slice text,
		   struct err *err)
{
	struct slice group = text;
	struct slice user = { text.at, 0 };

	slice_cut(&user, &group, ':');
	if (!is_number(uid, user) && user_number(uid, accounts, user, err) < 0)
		return -1;
	if (user.len == text.len) {
		*gid = primary_group(accounts, *uid);
		return 0;
	}
	if (!is_number(gid, group) &&
	    group_number(gid, accounts, group, err) < 0)
		return -1;
	return 0;
}

bool accounts_has(const char *passwd, uint32_t id)
{
	struct account account;

	return find_id(&account, passwd, id);
}

int accounts_find(uint32_t *uid, uint32_t *gid, const char *passwd,
		  const char *group, struct slice text, struct err *err)
{
	struct account account = { 0 };
	struct slice rest = text, user;

	*uid = *gid = 0;
	if (!slice_cut(&user, &rest, ':'))
		return 0;
	bool is_listed = is_number(uid, user)
				 ? find_id(&account, passwd, *uid)
				 : find_name(&account, passwd, user);

	if (!is_listed && !is_number(uid, user))
		return err_set(err, 0, "%.*s: no such user in the image",
			       SLICE_ARGS(user));
	*uid = is_listed ? account.id : *uid;
	*gid = is_listed ? account.gid : 0;
	if (!rest.len || is_number(gid, rest))
		return 0;
	if (!find_name(&account, group, rest))
		return err_set(err, 0, "%.*s: no such group in the image",
			       SLICE_ARGS(rest));
	*gid = account.id;
	return 0;
}
