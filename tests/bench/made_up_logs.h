#ifndef LOGEXPORT_TESTS_BENCH_MADE_UP_LOGS_H_
#define LOGEXPORT_TESTS_BENCH_MADE_UP_LOGS_H_

#include <string>

namespace logexport::bench {

// A log of about 1.5 KB, of one of three common types, told apart by its number.
std::string MadeUpLog(int number);

// A page of 100 of them, as Auth0 answers it, with the spare bytes behind it that parsing takes.
std::string MadeUpPage();

}  // namespace logexport::bench

#endif  // LOGEXPORT_TESTS_BENCH_MADE_UP_LOGS_H_
