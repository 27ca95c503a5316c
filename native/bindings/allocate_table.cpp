// allocateTable(columns, rows): an arena with the Arrow structures of a table with zeroed columns, for others to fill.
#include <napi.h>

#include <string>
#include <vector>

#include "arrow_arena.h"
#include "functions.h"
#include "promise_worker.h"

namespace llmap {

namespace {

constexpr int64_t kMaximumRows = (int64_t{1} << 31) - 1;

ColumnSpec column_spec(Napi::Value value, const std::string& name) {
  const Napi::Object spec = object(value, name);
  ColumnSpec column{string(spec.Get("name"), name + ".name"), ColumnType::int32};
  const std::string type = string(spec.Get("type"), name + ".type");
  const auto item_is = [&](const char* item) {
    if (string(spec.Get("item"), name + ".item") != item) {
      reject_argument(std::string("\"") + item + '"', name + ".item", spec.Get("item"));
    }
  };
  if (type == "int32") {
    column.type = ColumnType::int32;
  } else if (type == "float64") {
    column.type = ColumnType::float64;
  } else if (type == "list") {
    item_is("float32");
    column.type = ColumnType::list_of_float32;
    column.values = static_cast<uint64_t>(integer(spec.Get("values"), name + ".values", 0, int64_t{1} << 53));
  } else if (type == "fixedSizeList") {
    item_is("float64");
    column.type = ColumnType::fixed_size_list_of_float64;
    column.size = static_cast<uint64_t>(integer(spec.Get("size"), name + ".size", 0, kMaximumRows));
  } else {
    reject_argument("\"int32\", \"float64\", \"list\" or \"fixedSizeList\"", name + ".type", spec.Get("type"));
  }
  return column;
}

Napi::Value allocate_table(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsArray()) reject_argument("an array of column specifications", "columns", info[0]);
  const auto received = info[0].As<Napi::Array>();
  std::vector<ColumnSpec> specs;
  for (uint32_t c = 0; c < received.Length(); ++c) {
    specs.push_back(column_spec(received.Get(c), "columns[" + std::to_string(c) + "]"));
  }
  const auto rows = static_cast<uint64_t>(integer(info[1], "rows", 0, kMaximumRows));

  const ArenaLayout layout = plan_arena(specs, rows);
  Napi::ArrayBuffer arena = Napi::ArrayBuffer::New(env, layout.bytes);
  write_arena(specs, rows, {static_cast<uint8_t*>(arena.Data()), layout.bytes});

  Napi::Array columns = Napi::Array::New(env, layout.columns.size());
  for (uint32_t c = 0; c < layout.columns.size(); ++c) {
    Napi::Object column = Napi::Object::New(env);
    column.Set("values", layout.columns[c].values);
    column.Set("offsets", layout.columns[c].list_offsets);
    columns.Set(c, column);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("arena", arena);
  result.Set("schema", layout.schema);
  result.Set("array", layout.array);
  result.Set("columns", columns);
  return result;
}

}  // namespace

void export_allocate_table(Napi::Env env, Napi::Object exports) {
  exports.Set("allocateTable", Napi::Function::New(env, synchronous<allocate_table>, "allocateTable"));
}

}  // namespace llmap
