#include "engine/rehearse/scratch.h"

#include <algorithm>
#include <utility>

#include "engine/error.h"
#include "engine/sqlite/connection.h"

namespace drydock::rehearse {
namespace {

// Encodings and collations of the server's own, and nothing in it.
constexpr std::string_view kCreate = "create database :\"name\" template template0";
constexpr std::string_view kDrop = "drop database if exists :\"name\"";

void on(const sql::PostgresSettings& server, std::string_view statement, const std::string& name) {
    const auto session = sql::open_postgres(server);
    session->run(statement, {.positional = {}, .named = {{"name", name}}}, sql::Access::Alone, {});
}

}  // namespace

std::unique_ptr<Scratch> Scratch::file(const std::string& where) {
    std::unique_ptr<Scratch> made(new Scratch);
    made->folder_ = std::make_unique<PrivateFolder>(where);
    made->name_ = made->folder_->path() + "/scratch.db";
    sqlite::Connection(made->name_, {.mode = sqlite::Mode::Create}).exec("pragma user_version = 0");
    return made;
}

std::unique_ptr<Scratch> Scratch::on_server(const sql::PostgresSettings& settings,
                                            const std::string& purpose, const std::string& name) {
    std::unique_ptr<Scratch> made(new Scratch);
    made->name_ = "drydock_" + purpose + "_" + name;
    std::ranges::transform(made->name_, made->name_.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    sql::PostgresSettings server = settings;
    server.read_only = server.rehearsal = false;
    on(server, kCreate, made->name_);
    made->server_ = server;
    made->settings_ = server;
    made->settings_->database = Secret("database", made->name_);
    return made;
}

Scratch::~Scratch() {
    try {
        drop();
    } catch (const Error&) {
        // Somebody else looks at it. Its name says whose it was.
    }
}

std::unique_ptr<sql::Database> Scratch::open() const {
    if (settings_) return sql::open_postgres(*settings_);
    return sql::open_sqlite({.path = name_});
}

void Scratch::drop() {
    folder_.reset();
    // Whatever happens there is one try.
    if (const auto server = std::exchange(server_, std::nullopt)) on(*server, kDrop, name_);
}

}  // namespace drydock::rehearse
