// SPDX-License-Identifier: GPL-2.0-or-later
// The public header stands alone, twice, as C99.
#include <cryptdisk/cryptdisk.h>
#include <cryptdisk/cryptdisk.h>

int main(void)
{
	struct cdisk *c = 0;

	return cdisk_new(&c);
}
