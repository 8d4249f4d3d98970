#include "data/rights.h"

#include "base/fmt.h"
#include "data/service.h"

/* What came with each ABI, from 1 on. */
static const struct {
	uint32_t rights;
	const char *what;
} news[] = {
	{ 0x01fff, "files" },
	{ 0x02000, "moves between directories" },
	{ 0x04000, "truncation" },
	{ 0x30000, "TCP ports" },
	{ 0x08000, "ioctl of devices" },
	{ 0xc0000, "scopes" },
};

enum { NEWS = sizeof(news) / sizeof(news[0]) };

static const struct {
	const char *name;
	uint32_t rights;
} keys[RIGHTS_KEYS] = {
	[SERVICE_READ] = { "LandlockRead", RIGHTS_READ },
	/* All that changes something: what is neither read nor executed. */
	[SERVICE_WRITE] = { "LandlockWrite",
			    RIGHTS_FILES & ~(RIGHTS_READ | RIGHTS_EXECUTE) },
	[SERVICE_EXECUTE] = { "LandlockExec", RIGHTS_EXECUTE },
	[SERVICE_BIND] = { "LandlockBind", 1U << RIGHTS_NET },
	[SERVICE_CONNECT] = { "LandlockConnect", 2U << RIGHTS_NET },
	[SERVICE_LANDLOCK] = { "LandlockScope", 0 },
};

uint32_t rights_wanted(const struct service *service, int i)
{
	if (i == SERVICE_LANDLOCK)
		return (uint32_t)service->scope.bits << RIGHTS_SCOPE;
	return service->landlock[i].count ? keys[i].rights : 0;
}

const char *rights_key(int i)
{
	return keys[i].name;
}

uint32_t rights_known(int abi)
{
	uint32_t known = 0;

	for (int i = 0; i < NEWS && i < abi; i++)
		known |= news[i].rights;
	return known;
}

int rights_abi(uint32_t rights)
{
	int abi = 0;

	while (rights & ~rights_known(abi))
		abi++;
	return abi;
}

void rights_missing(char out[RIGHTS_MISSING_MAX], uint32_t rights)
{
	size_t len = 0;

	for (int i = 0; i < NEWS; i++)
		if (rights & news[i].rights)
			len += fmt(out + len, RIGHTS_MISSING_MAX - len,
				   "%s%s (ABI %d)", len ? ", " : "",
				   news[i].what, i + 1);
}
