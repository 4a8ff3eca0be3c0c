// One seed for the random tests of a run: taken from LOGEXPORT_SEED, else drawn, printed either
// way.
#ifndef LOGEXPORT_TESTS_SCHEDULE_RANDOM_SEED_H_
#define LOGEXPORT_TESTS_SCHEDULE_RANDOM_SEED_H_

#include <cstdint>
#include <random>

namespace logexport {

std::uint64_t RandomSeed();

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SCHEDULE_RANDOM_SEED_H_
