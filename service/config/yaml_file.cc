#include "service/config/yaml_file.h"

#include <algorithm>
#include <exception>
#include <set>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "service/base/spelling.h"
#include "service/base/utf8.h"
#include "service/config/exporter_id.h"
#include "service/config/field_rules.h"
#include "service/config/regular_file.h"
#include "service/config/schema.h"
#include "service/config/value_parser.h"

namespace logexport {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr std::size_t kMostViolations = 100;
constexpr std::size_t kMostExporters = 1000;
constexpr char kIdKey[] = "id";

absl::string_view KindName(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  return "a single value";
}

std::string Join(absl::string_view path, absl::string_view name) {
  return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
}

// Walks the parsed document along the schema, never along the document: aliases may make that one
// endless, but the schema is not.
class Reader {
 public:
  explicit Reader(absl::string_view name) : name_(name) {}

  void Read(const YAML::Node& root) {
    if (!root.IsMap()) {
      Add(root.Mark(), "", "the file does not begin with the key exporters");
      return;
    }
    bool found = false;
    for (const auto& entry : root) {
      if (!entry.first.IsScalar() || entry.first.Scalar() != "exporters") {
        Add(entry.first.Mark(), "",
            absl::StrCat("unknown key ", KeyText(entry.first), "; the only one is exporters"));
      } else if (found) {
        Add(entry.first.Mark(), "exporters", "the key is given twice");
      } else {
        found = true;
        ReadExporters(entry.second);
      }
    }
    if (!found) Add(root.Mark(), "", "the key exporters is missing");
  }

  ConfigFile Take() && {
    if (left_out_ > 0) {
      file_.violations.push_back(
          MakeViolationAt(name_, "", absl::StrCat("further violations, not shown: ", left_out_)));
    }
    return std::move(file_);
  }

  void Add(const YAML::Mark& mark, std::string field, std::string description) {
    if (file_.violations.size() >= kMostViolations) {
      ++left_out_;
      return;
    }
    file_.violations.push_back(
        MakeViolationAt(Place(mark), std::move(field), std::move(description)));
  }

 private:
  bool Full() const { return left_out_ > 0; }

  std::string Place(const YAML::Mark& mark) const {
    if (mark.is_null()) return name_;
    return absl::StrCat(name_, ":", mark.line + 1, ":", mark.column + 1);
  }

  static std::string KeyText(const YAML::Node& key) {
    return key.IsScalar() ? Quoted(key.Scalar()) : "that is no plain text";
  }

  void ReadExporters(const YAML::Node& list) {
    if (!list.IsSequence()) {
      Add(list.Mark(), "exporters",
          "is not a list; write one item for each exporter, or [] for none");
      return;
    }
    if (list.size() > kMostExporters) {
      Add(list.Mark(), "exporters", absl::StrCat("has more than ", kMostExporters, " items"));
      return;
    }
    std::set<std::string> ids;
    for (std::size_t i = 0; i < list.size() && !Full(); ++i) {
      ReadExporter(list[i], absl::StrCat("exporters[", i, "]"), &ids);
    }
  }

  void ReadExporter(const YAML::Node& node, const std::string& path, std::set<std::string>* ids) {
    if (!node.IsMap()) {
      Add(node.Mark(), path, absl::StrCat("is ", KindName(node), "; write id, auth0, segment …"));
      return;
    }
    PartialConfig source;
    source.exporter = kDefaultExporter;
    YAML::Mark id_mark = node.Mark();
    for (const auto& entry : node) {
      if (entry.first.IsScalar() && entry.first.Scalar() == kIdKey) {
        id_mark = entry.second.Mark();
        source.exporter = entry.second.IsScalar() ? entry.second.Scalar() : "";
        break;
      }
    }
    if (!IsExporterId(source.exporter)) {
      Add(id_mark, Join(path, kIdKey),
          absl::StrCat("is ", Quoted(source.exporter),
                       "; write lower-case letters, digits and -, starting with a letter, at most "
                       "63 characters"));
    } else if (!ids->insert(source.exporter).second) {
      Add(id_mark, Join(path, kIdKey),
          absl::StrCat("is ", Quoted(source.exporter), ", as for an exporter above"));
    }
    source.place = Place(id_mark);
    ReadMessage(node, path, "", &source.config, &source.origins);
    file_.exporters.push_back(std::move(source));
  }

  // `where` is the path in the file, `path` that in ExporterConfig.
  void ReadMessage(const YAML::Node& map, const std::string& where, const std::string& path,
                   Message* message, ConfigOrigins* origins) {
    const Descriptor& type = *message->GetDescriptor();
    std::set<std::string> seen;
    for (const auto& entry : map) {
      if (Full()) return;
      const YAML::Node& key = entry.first;
      if (!key.IsScalar()) {
        Add(key.Mark(), where, "has a key that is no plain text");
        continue;
      }
      const std::string& name = key.Scalar();
      if (!seen.insert(name).second) {
        Add(key.Mark(), Join(where, Printable(name)), "the key is given twice");
        continue;
      }
      if (path.empty() && name == kIdKey) continue;
      const FieldDescriptor* field = type.FindFieldByName(name);
      if (field == nullptr) {
        AddUnknown(key, where, path, type);
        continue;
      }
      (*origins)[Join(path, name)] = Place(entry.second.Mark());
      ReadField(entry.second, *field, Join(where, name), Join(path, name), message, origins);
    }
  }

  void AddUnknown(const YAML::Node& key, const std::string& where, const std::string& path,
                  const Descriptor& type) {
    const std::string& name = key.Scalar();
    if (name == "<<") {
      Add(key.Mark(), where, "merge keys (<<) are not supported; use an alias for a whole group");
      return;
    }
    std::vector<std::string> known;
    for (int i = 0; i < type.field_count(); ++i) known.emplace_back(type.field(i)->name());
    const std::string nearest = NearestWord(name, known);
    Add(key.Mark(), where,
        absl::StrCat("unknown key ", Quoted(name),
                     nearest.empty() ? DidYouMeanField(Join(path, name))
                                     : absl::StrCat("; did you mean ", nearest, "?")));
  }

  void ReadField(const YAML::Node& node, const FieldDescriptor& field, const std::string& where,
                 const std::string& path, Message* message, ConfigOrigins* origins) {
    if (node.IsNull()) return;  // written without a value
    const bool group = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsDuration(field);
    if (field.is_repeated()) {
      ReadList(node, field, where, path, message, origins);
    } else if (group && !node.IsMap()) {
      Add(node.Mark(), where, absl::StrCat("is ", KindName(node), "; write a mapping"));
    } else if (group) {
      ReadMessage(node, where, path, message->GetReflection()->MutableMessage(message, &field),
                  origins);
    } else {
      ReadValue(node, field, where, message);
    }
  }

  void ReadList(const YAML::Node& list, const FieldDescriptor& field, const std::string& where,
                const std::string& path, Message* message, ConfigOrigins* origins) {
    if (!list.IsSequence()) {
      Add(list.Mark(), where, absl::StrCat("is ", KindName(list), "; write a list, [a, b]"));
      return;
    }
    if (list.size() > static_cast<std::size_t>(kMostListItems)) {
      Add(list.Mark(), where,
          absl::StrCat("has ", list.size(), " items; allowed: at most ", kMostListItems));
      return;
    }
    for (std::size_t i = 0; i < list.size() && !Full(); ++i) {
      const YAML::Node item = list[i];
      const std::string index = absl::StrCat("[", i, "]");
      (*origins)[path + index] = Place(item.Mark());
      if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || IsDuration(field)) {
        ReadValue(item, field, where + index, message);
      } else if (item.IsMap()) {
        ReadMessage(item, where + index, path + index,
                    message->GetReflection()->AddMessage(message, &field), origins);
      } else {
        Add(item.Mark(), where + index, absl::StrCat("is ", KindName(item), "; write a mapping"));
      }
    }
  }

  void ReadValue(const YAML::Node& node, const FieldDescriptor& field, const std::string& where,
                 Message* message) {
    if (!node.IsScalar()) {
      Add(node.Mark(), where,
          absl::StrCat("is ", node.IsNull() ? "empty" : KindName(node), "; write a single value"));
      return;
    }
    if (const absl::Status status = SetFromText(field, node.Scalar(), message); !status.ok()) {
      Add(node.Mark(), where, std::string(status.message()));
    }
  }

  std::string name_;
  ConfigFile file_;
  std::size_t left_out_ = 0;
};

YAML::Mark MarkOf(absl::string_view text, std::size_t offset) {
  YAML::Mark mark;
  for (const char c : text.substr(0, offset)) {
    ++mark.column;
    if (c == '\n') {
      ++mark.line;
      mark.column = 0;
    }
  }
  return mark;
}

// Notes where a document begins and drops all else.
class DocumentStart : public YAML::EventHandler {
 public:
  YAML::Mark mark = YAML::Mark::null_mark();

  void OnDocumentStart(const YAML::Mark& start) override { mark = start; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// Where a second document begins, which YAML::Load would ignore; null if there is none.
// YAML::LoadAll is no way to find out: of some malformed texts it makes documents without end.
YAML::Mark FindSecondDocument(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart first;
  DocumentStart second;
  if (!parser.HandleNextDocument(first) || !parser.HandleNextDocument(second)) {
    return YAML::Mark::null_mark();
  }
  return second.mark;
}

}  // namespace

ConfigFile ParseConfigFile(absl::string_view yaml, absl::string_view name) {
  Reader reader(name);
  if (yaml.size() > kLargestConfigFile) {
    reader.Add(YAML::Mark::null_mark(), "", "the file is larger than 1 MiB");
    return std::move(reader).Take();
  }
  if (!IsValidUtf8(yaml)) {
    const std::string mended = ReplaceInvalidUtf8(yaml);
    const auto first = std::mismatch(yaml.begin(), yaml.end(), mended.begin(), mended.end()).first;
    reader.Add(MarkOf(yaml, static_cast<std::size_t>(first - yaml.begin())), "",
               "this byte is not UTF-8");
    return std::move(reader).Take();
  }
  try {
    const std::string text(yaml);
    if (const YAML::Mark second = FindSecondDocument(text); !second.is_null()) {
      reader.Add(second, "", "a second YAML document begins here; write one");
    } else {
      reader.Read(YAML::Load(text));
    }
  } catch (const YAML::Exception& error) {
    reader.Add(error.mark, "",
               absl::StrCat("this is not YAML: ", Printable(error.msg),
                            "; values that begin with * @ & ! % ` need quotes"));
  } catch (const std::exception& error) {
    reader.Add(YAML::Mark::null_mark(), "",
               absl::StrCat("cannot be read: ", Printable(error.what())));
  }
  return std::move(reader).Take();
}

absl::StatusOr<std::string> ReadConfigFile(const std::string& path) {
  absl::StatusOr<std::string> content = ReadRegularFile(path, kLargestConfigFile);
  if (content.ok()) return content;
  return absl::Status(content.status().code(),
                      absl::StrCat("configuration file ", path, " ", content.status().message()));
}

}  // namespace logexport
