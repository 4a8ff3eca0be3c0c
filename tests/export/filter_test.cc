#include "service/export/filter.h"

#include <string>

#include <gtest/gtest.h>

namespace logexport {
namespace {

const LogType kWrongPassword = {"fp", "Failed Login (Incorrect Password)", "", "auth.login.fail",
                                3};
const LogType kLogin = {"s", "Success Login", "Success Login", "auth.login.success", 1};

Log SomeLog(const LogType& type = kLogin) {
  Log log;
  log.id = "900";
  log.type = &type;
  log.client_id = "shop";
  log.connection = "users";
  return log;
}

// The reason for which `log` is left out by settings changed by `change`.
template <typename Change>
std::string Reason(const Log& log, Change change) {
  FilterSettings settings;
  change(settings);
  return std::string(LogFilter(settings, "exporter").ReasonToSkip(log));
}

TEST(LogFilterTest, LetsEverythingPassUnlessToldOtherwise) {
  EXPECT_EQ(Reason(SomeLog(), [](FilterSettings&) {}), "");
  EXPECT_EQ(Reason(SomeLog(kWrongPassword), [](FilterSettings&) {}), "");
  Log bare = SomeLog();
  bare.client_id = bare.connection = {};
  EXPECT_EQ(Reason(bare, [](FilterSettings&) {}), "");
}

TEST(LogFilterTest, LeavesOutTheLogsOfTheExportersOwnClient) {
  Log log = SomeLog();
  log.client_id = "exporter";
  EXPECT_EQ(Reason(log, [](FilterSettings&) {}), "OWN_CLIENT");
  EXPECT_EQ(Reason(log, [](FilterSettings& s) { s.ignore_own_client = false; }), "");
  // Where its own id is not known, logs without a client are not its own.
  log.client_id = "";
  EXPECT_EQ(LogFilter(FilterSettings(), "").ReasonToSkip(log), "");
}

TEST(LogFilterTest, EachPartThatIsSetMustLetALogPass) {
  const Log log = SomeLog(kWrongPassword);
  const auto types = [](FilterSettings& s) { s.types = {"s", "ss"}; };
  const auto categories = [](FilterSettings& s) { s.categories = {"auth.login.success"}; };
  const auto level = [](FilterSettings& s) { s.min_level = 4; };
  const auto clients = [](FilterSettings& s) { s.client_ids = {"backoffice"}; };
  const auto connections = [](FilterSettings& s) { s.connections = {"google-oauth2"}; };
  EXPECT_EQ(Reason(log, types), "TYPE");
  EXPECT_EQ(Reason(log, categories), "CATEGORY");
  EXPECT_EQ(Reason(log, level), "LEVEL");
  EXPECT_EQ(Reason(log, clients), "CLIENT");
  EXPECT_EQ(Reason(log, connections), "CONNECTION");
  EXPECT_EQ(Reason(log,
                   [](FilterSettings& s) {
                     s.types = {"s", "fp"};
                     s.categories = {"auth.login.fail", "other"};
                     s.min_level = 3;
                     s.client_ids = {"backoffice", "shop"};
                     s.connections = {"users"};
                   }),
            "");
  EXPECT_EQ(Reason(log,
                   [&](FilterSettings& s) {
                     s.types = {"fp"};
                     connections(s);
                   }),
            "CONNECTION");
}

TEST(LogFilterTest, ALogWithoutTheFieldIsNoneOfThoseNamed) {
  Log log = SomeLog();
  log.client_id = log.connection = {};
  EXPECT_EQ(Reason(log, [](FilterSettings& s) { s.client_ids = {"shop"}; }), "CLIENT");
  EXPECT_EQ(Reason(log, [](FilterSettings& s) { s.connections = {"users"}; }), "CONNECTION");
}

TEST(LogFilterTest, CodesAndNamesAreTakenAsTheyAreWritten) {
  EXPECT_EQ(Reason(SomeLog(), [](FilterSettings& s) { s.types = {"S", "s "}; }), "TYPE");
  EXPECT_EQ(Reason(SomeLog(), [](FilterSettings& s) { s.connections = {"user"}; }), "CONNECTION");
}

}  // namespace
}  // namespace logexport
