// SPDX-License-Identifier: GPL-2.0-or-later
// The public header stands alone as C++11.
#include <cryptdisk/cryptdisk.h>

int main()
{
	struct cdisk *c = nullptr;

	return cdisk_new(&c);
}
