/// The stores that this process has open, by directory, so that opening one twice shares it.
///
/// Any thread. Opening and closing run one at a time.
final class StoreRegistry: Sendable {
    /// The process's registry.
    static let shared = StoreRegistry()

    private struct Entry {
        weak let store: EventStore?
    }

    private let entries = Guarded<[FileIdentity: Entry]>([:])

    /// Enters the store that `body` makes in the directory `path`.
    func create(
        _ path: String,
        _ body: () throws(EventStoreError) -> EventStore
    ) throws(EventStoreError) -> EventStore {
        try self.entries.withLock { (entries) throws(EventStoreError) in
            let identity = try Files.identity(path)
            let store = try body()
            entries[identity] = Entry(store: store)
            return store
        }
    }

    /// The store that is open in the directory, or the one that `body` opens.
    func open(
        _ configuration: EventStore.Configuration,
        _ body: () throws(EventStoreError) -> EventStore
    ) throws(EventStoreError) -> EventStore {
        try self.entries.withLock { (entries) throws(EventStoreError) in
            let identity = try Files.identity(configuration.directory)
            if let store = entries[identity]?.store {
                guard configuration.isReadOnly || !store.configuration.isReadOnly else {
                    throw .readOnly
                }
                store.retainOpen()
                return store
            }
            let store = try body()
            entries[identity] = Entry(store: store)
            return store
        }
    }

    /// Forgets `store` if `release` says that nobody has it open any longer; whether that is so.
    func close(_ store: EventStore, _ release: () -> Bool) -> Bool {
        self.entries.withLock { entries in
            guard release() else { return false }
            entries = entries.filter { $0.value.store !== store }
            return true
        }
    }
}
