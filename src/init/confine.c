#include "init/confine.h"

#include <errno.h>
#include <string.h>

#include "arch/native.h"
#include "base/err.h"
#include "base/num.h"
#include "data/rights.h"
#include "data/service_key.h"
#include "init/log.h"
#include "init/plan.h"
#include "init/program.h"
#include "kernel/landlock.h"

/* Say what *err holds and go on, if that is what the image wants. */
static int forgive(const struct plan *plan, int key, struct err *err)
{
	err_wrap(err, "%s", service_key((size_t)key));
	if (!service_is_best_effort(&plan->service, key))
		return -1;
	log_line(LOG_WARNING, "%s; BestEffort= goes on without", err->text);
	return 0;
}

/* Take what the kernel does not know from what is wanted of key i. */
static int settle_key(uint32_t *wanted, const struct plan *plan, int i,
		      struct err *err)
{
	uint32_t missing = *wanted & ~rights_known(plan->landlock_abi);
	char words[RIGHTS_MISSING_MAX];

	if (!missing)
		return 0;
	*wanted &= ~missing;
	rights_missing(words, missing);
	if (plan->landlock_abi)
		err_set(err, 0, "Landlock ABI %d is without %s",
			plan->landlock_abi, words);
	else
		err_set(err, errno, "no Landlock");
	return forgive(plan, rights_key(i), err);
}

/* The rules of one key: rights on each of its paths or ports. */
static int allow_words(const struct plan *plan, int i, uint32_t rights,
		       struct err *err)
{
	const struct service_words *words = &plan->service.landlock[i];

	for (size_t n = 0; n < words->count; n++) {
		const char *word = words->at[n];
		bool is_optional = *word == '-';
		uint32_t port;
		int result;

		if (*word == 'n')
			continue;
		if (num_u32(&port, slice_from(word)))
			result = landlock_allow_port(plan->ruleset, port,
						     rights >> RIGHTS_NET);
		else
			result = landlock_allow_path(
				plan->ruleset, word + is_optional, rights);
		if (result < 0 && !(is_optional && errno == ENOENT))
			return err_set(err, errno, "%s: %s",
				       service_key((size_t)rights_key(i)),
				       word);
	}
	return 0;
}

/*
 * Where loaders look for libraries unless they are told otherwise. What is
 * not there needs no rule.
 */
static void allow_libraries(const struct plan *plan, uint32_t rights)
{
	static const char paths[] =
		"/lib\0/lib64\0/usr/lib\0/usr/lib64\0/usr/local/lib\0"
		"/etc/ld.so.cache\0/etc/ld-musl-" ARCH_NATIVE_NAME ".path";

	for (size_t at = 0; at < sizeof(paths); at += strlen(paths + at) + 1)
		landlock_allow_path(plan->ruleset, paths + at, rights);
}

/*
 * The program has to start whatever the keys say: itself, and what the kernel
 * starts in its place. What cannot be opened execve will complain of.
 */
static void allow_program(const struct plan *plan, const char *path,
			  uint32_t rights)
{
	char helper[PROGRAM_HELPER_MAX];
	uint32_t read = rights & RIGHTS_READ;

	rights &= RIGHTS_READ | RIGHTS_EXECUTE;
	/* As many in a row as the kernel takes. */
	for (int i = 0; rights && i < 5; i++) {
		landlock_allow_path(plan->ruleset, path, rights);
		if (!program_helper(helper, path))
			return;
		path = helper;
		allow_libraries(plan, read);
	}
}

static void allow_commands(const struct plan *plan, uint32_t rights)
{
	const struct service *service = &plan->service;
	const struct service_words *lists[] = { &service->start_pre,
						&service->stop_post };

	allow_program(plan, plan->main.path, rights);
	for (int i = 0; i < 2; i++) {
		const char *const *at = (const char *const *)lists[i]->at;
		bool is_first = true;

		for (size_t n = 0; n < lists[i]->count; n++) {
			if (is_first)
				allow_program(plan, at[n] + (*at[n] == '-'),
					      rights);
			is_first = !at[n];
		}
	}
}

static int make_ruleset(struct plan *plan, uint32_t rights[RIGHTS_KEYS],
			uint32_t all, struct err *err)
{
	uint32_t refer = 0;

	/*
	 * Moves and links between directories are refused by every ruleset on
	 * files; who restricts no writing does not mean that.
	 */
	if (all & RIGHTS_FILES && !rights[SERVICE_WRITE])
		refer = RIGHTS_REFER & rights_known(plan->landlock_abi);
	struct landlock_rights handled = {
		.fs = (all & RIGHTS_FILES) | refer,
		.net = all >> RIGHTS_NET & 3,
		.scope = all >> RIGHTS_SCOPE,
	};

	plan->ruleset = landlock_create(&handled);
	if (plan->ruleset < 0 ||
	    (refer && landlock_allow_path(plan->ruleset, "/", refer) < 0))
		return err_set(err, errno, "Landlock");
	for (int i = 0; i < SERVICE_LANDLOCK; i++)
		if (rights[i] && allow_words(plan, i, rights[i], err) < 0)
			return -1;
	allow_commands(plan, all);
	return 0;
}

static int make_landlock(struct plan *plan, struct err *err)
{
	uint32_t rights[RIGHTS_KEYS];
	uint32_t all = 0;

	if (!plan->service.has_landlock)
		return 0;
	int abi = landlock_abi();

	plan->landlock_abi = abi < 0 ? 0 : (uint8_t)abi;
	for (int i = 0; i < RIGHTS_KEYS; i++) {
		rights[i] = rights_wanted(&plan->service, i);
		if (settle_key(&rights[i], plan, i, err) < 0)
			return -1;
		all |= rights[i];
	}
	return all ? make_ruleset(plan, rights, all, err) : 0;
}

/* Only secure bits keep capabilities when root becomes another user. */
static uint64_t secure_bits_need(const struct plan *plan)
{
	return plan->changes_ids && plan->service.user.id ? 1 << CAPS_SETPCAP
							  : 0;
}

uint64_t confine_ambient(const struct plan *plan)
{
	/* "~" means all others that there are. */
	uint64_t bits = plan->service.ambient.bits << (64 - CAPS_NAMED) >>
			(64 - CAPS_NAMED);

	return bits ? bits | secure_bits_need(plan) : 0;
}

/* All that pith-init may not pass on; the kernel would not say which. */
static int check_ambient(struct plan *plan, struct err *err)
{
	uint64_t *bits = &plan->service.ambient.bits;
	uint64_t needed = confine_ambient(plan);
	uint64_t missing = needed & ~plan->caps.permitted;
	char words[256];

	*bits &= needed & ~missing;
	if (!missing)
		return 0;
	if (missing & secure_bits_need(plan))
		*bits = 0;
	service_bits_text(words, sizeof(words), missing, KIND_CAPABILITIES);
	err_set(err, 0, "pith-init itself has no %s", words);
	return forgive(plan, SERVICE_KEY_AmbientCapabilities, err);
}

int confine_make(struct plan *plan, struct err *err)
{
	if (check_ambient(plan, err) < 0)
		return -1;
	return make_landlock(plan, err);
}
