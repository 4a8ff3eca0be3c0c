#include "service/config/exporter_id.h"

#include <string>

#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(ExporterIdTest, IsALabel) {
  for (const char* id : {"a", "acme-eu", "a1", "default"}) EXPECT_TRUE(IsExporterId(id)) << id;
  for (const std::string& id :
       {std::string(), std::string("1a"), std::string("-a"), std::string("Acme"),
        std::string("a_b"), std::string("a.b"), std::string("é"), std::string(64, 'a')}) {
    EXPECT_FALSE(IsExporterId(id)) << id;
  }
}

}  // namespace
}  // namespace logexport
