#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_SOCI_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_SOCI_H_

// SOCI as this folder uses it; for .cc files only. Debian's SOCI was configured with Boost, so its
// headers ask for Boost's, which its package does not bring along. They only add conversions to
// Boost's types; the library itself is the same without them.
#include <soci/soci-config.h>
#undef SOCI_HAVE_BOOST
#undef SOCI_HAVE_BOOST_DATE_TIME
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_SOCI_H_
