#include "data/rights.h"

#include "base/fmt.h"
#include "data/service.h"
#include "data/service_key.h"

/* What came with each ABI, from 1 on. */
static const struct {
	const char *what;
	uint32_t rights;
} __attribute__((packed)) news[] = {
	{ "files", 0x01fff },
	{ "moves between directories", 0x02000 },
	{ "truncation", 0x04000 },
	{ "TCP ports", 0x30000 },
	{ "ioctl of devices", 0x08000 },
	{ "scopes", 0xc0000 },
};

enum { NEWS = sizeof(news) / sizeof(news[0]) };

static const uint32_t rights_of[] = {
	[SERVICE_READ] = RIGHTS_READ,
	/* All that changes something: what is neither read nor executed. */
	[SERVICE_WRITE] = RIGHTS_FILES & ~(RIGHTS_READ | RIGHTS_EXECUTE),
	[SERVICE_EXECUTE] = RIGHTS_EXECUTE,
	[SERVICE_BIND] = 1U << RIGHTS_NET,
	[SERVICE_CONNECT] = 2U << RIGHTS_NET,
};

/* The rows follow each other in the same order. */
_Static_assert(SERVICE_KEY_LandlockScope - SERVICE_KEY_LandlockRead ==
		       (int)SERVICE_LANDLOCK,
	       "");

uint32_t rights_wanted(const struct service *service, int i)
{
	if (i == SERVICE_LANDLOCK)
		return (uint32_t)service->scope.bits << RIGHTS_SCOPE;
	return service->landlock[i].count ? rights_of[i] : 0;
}

int rights_key(int i)
{
	return SERVICE_KEY_LandlockRead + i;
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
