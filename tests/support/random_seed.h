#ifndef LOGEXPORT_TESTS_SUPPORT_RANDOM_SEED_H_
#define LOGEXPORT_TESTS_SUPPORT_RANDOM_SEED_H_

#include <cstdint>

namespace logexport {

// One seed for the random tests of a test program: the environment variable LOGEXPORT_SEED if it is
// set, else drawn; printed at the start either way. A program that includes this header has its
// RapidCheck properties seeded by it, too.
std::uint64_t RandomSeed();

namespace internal_random_seed {

bool Announce();
inline const bool kAnnounced = Announce();

}  // namespace internal_random_seed
}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_RANDOM_SEED_H_
