// No file needs another that needs it back, and no header's name stands for two things.
#include "tests/layout/include_graph.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/layout/source_tree.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(IncludeGraphTest, ReadsIncludeLines) {
  EXPECT_THAT(IncludesOf("#include <curl/curl.h>\n// #include \"x.h\"\n#include \"a/b.h\"  // c\n"),
              ElementsAre("curl/curl.h", "a/b.h"));
  EXPECT_EQ(OurHeader("service/http/url.h"), "service/http/url.h");
  EXPECT_EQ(OurHeader("logexport/client.h"), "client/logexport/client.h");
  EXPECT_EQ(OurHeader("logexport/v1/service.pb.h"), "");
  EXPECT_EQ(OurHeader("curl/curl.h"), "");
}

TEST(IncludeGraphTest, HeaderAndSourceAreOneUnit) {
  EXPECT_EQ(UnitOf("service/http/url.h"), "service/http/url");
  EXPECT_EQ(UnitOf("service/http/url.cc"), "service/http/url");
  EXPECT_EQ(UnitOf("client/lib/retry.cc"), UnitOf("client/logexport/retry.h"));
  EXPECT_THAT(
      ReadIncludeGraph({{"service/a/x.h", "#include \"service/a/y.h\"\n"},
                        {"service/a/x.cc",
                         "#include \"service/a/x.h\"\n#include <string>\n"
                         "#include \"service/b/z.h\"\n"},
                        {"service/a/y.h", ""}}),
      UnorderedElementsAre(Pair("service/a/x", UnorderedElementsAre("service/a/y", "service/b/z")),
                           Pair("service/a/y", IsEmpty())));
}

TEST(IncludeGraphTest, FindsCycles) {
  EXPECT_THAT(CyclesOf({{"a", {"b", "c"}}, {"b", {"c"}}, {"c", {}}}), IsEmpty());
  EXPECT_THAT(CyclesOf({{"a", {"b"}}, {"b", {"a"}}}), ElementsAre(ElementsAre("a", "b")));
  // Through others, reached from outside, and two of them.
  EXPECT_THAT(CyclesOf({{"a", {"b"}},
                        {"b", {"c", "e"}},
                        {"c", {"d"}},
                        {"d", {"b"}},
                        {"e", {"f"}},
                        {"f", {"e"}}}),
              UnorderedElementsAre(ElementsAre("b", "c", "d"), ElementsAre("e", "f")));
}

TEST(IncludeGraphTest, FindsCycleThatOnlyASourceCloses) {
  // A forward declaration hides the cycle from the compiler, but neither file can go alone.
  const IncludeGraph graph = ReadIncludeGraph({{"service/a/x.h", "class Y;\n"},
                                               {"service/a/x.cc", "#include \"service/a/y.h\"\n"},
                                               {"service/a/y.h", "#include \"service/a/x.h\"\n"}});
  EXPECT_THAT(CyclesOf(graph), ElementsAre(ElementsAre("service/a/x", "service/a/y")));
}

TEST(IncludeGraphTest, NoFileNeedsAnotherThatNeedsItBack) {
  std::map<std::string, std::string> files;
  for (const char* const ending : {".h", ".cc"}) {
    for (const std::string& path : SourceFiles(ending)) files[path] = ReadSource(path);
  }
  const IncludeGraph graph = ReadIncludeGraph(files);
  EXPECT_GT(graph.size(), 300u) << "the tree was not read";
  for (const std::vector<std::string>& cycle : CyclesOf(graph)) {
    ADD_FAILURE() << "need one another: " << absl::StrJoin(cycle, ", ");
  }
}

TEST(IncludeGraphTest, EachHeaderHasANameOfItsOwn) {
  std::map<std::string, std::vector<std::string>> paths;
  for (const std::string& path : SourceFiles(".h")) {
    paths[path.substr(path.rfind('/') + 1)].push_back(path);
  }
  EXPECT_GT(paths.size(), 150u) << "the tree was not read";
  for (const auto& [name, same] : paths) {
    EXPECT_EQ(same.size(), 1u) << "one name for several things: " << absl::StrJoin(same, ", ");
  }
}

}  // namespace
}  // namespace logexport
