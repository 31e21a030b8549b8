//! A compiled module and its instances: everything here is bounded, and nothing of a module is believed.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::{BufMut as _, Bytes, BytesMut};
use uchat_config::Hot;
use wasmi::{
    CompilationMode, Config, Engine, Instance, Linker, Memory, Module, Store, StoreLimits,
    StoreLimitsBuilder, TypedFunc,
};

use super::LoadError;
use super::guest::{self, Guest};

/// The interface that this host speaks: a module of the same major and of no later minor version is loaded.
pub const ABI: (u32, u32) = (1, 2);
/// Bytes of stack of an instance, outside its memory.
const STACK_BYTES: usize = 256 * 1024;
/// Calls inside calls.
const DEEPEST: usize = 1000;
/// Entries of the tables of an instance.
const TABLE_ENTRIES: usize = 10_000;
/// What loading may cost for each byte of the module, beside the fuel of a call.
const FUEL_TO_START: u64 = 10_000_000;

/// Why a call ended that should not have.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It trapped: a panic, a memory access out of bounds, too deep a recursion.
    #[error("it trapped: {0}")]
    Trapped(String),
    /// It ran for too long.
    #[error("it used up its fuel")]
    Fuel,
    /// It took too long, waiting included.
    #[error("it took too long")]
    Time,
    /// It asked too much of the server.
    #[error("it asked more than {0} times for something")]
    HostCalls(usize),
    /// What it gave is not what the interface says.
    #[error("it answered garbage: {0}")]
    Garbage(String),
}

impl From<wasmi::Error> for Fault {
    fn from(error: wasmi::Error) -> Self {
        if error.as_trap_code() == Some(wasmi::TrapCode::OutOfFuel) {
            return Self::Fuel;
        }
        Self::Trapped(error.to_string())
    }
}

/// A compiled module, with instances that wait for calls.
pub(super) struct Compiled {
    engine: Engine,
    module: Module,
    linker: Linker<Guest>,
    limits: Arc<Hot>,
    /// What a new instance is told of its settings, once they are known.
    settings: Bytes,
    idle: Mutex<Vec<Running>>,
}

impl Compiled {
    /// Compiles and checks a module. An engine of its own: what it has taken is given back with the module.
    pub(super) fn new(wasm: &[u8], limits: &Arc<Hot>) -> Result<Self, LoadError> {
        if wasm.len() > limits.module_bytes {
            return Err(LoadError::TooLarge { bytes: wasm.len(), most: limits.module_bytes });
        }
        let mut config = Config::default();
        config.consume_fuel(true).set_max_recursion_depth(DEEPEST).set_max_cached_stacks(limits.instances);
        config.set_min_stack_height(STACK_BYTES / 64).set_max_stack_height(STACK_BYTES);
        // Translated as a whole when it is loaded: else the first calls would pay for it, out of their fuel and in one piece.
        config.compilation_mode(CompilationMode::Eager);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, wasm).map_err(|error| LoadError::Module(error.to_string()))?;
        let linker = guest::imports(&engine).map_err(|error| LoadError::Module(error.to_string()))?;
        Ok(Self {
            engine,
            module,
            linker,
            limits: Arc::clone(limits),
            settings: Bytes::new(),
            idle: Mutex::default(),
        })
    }

    /// A first instance, to be asked what it is.
    pub(super) fn first(&self) -> Result<Running, Fault> {
        Running::new(self)
    }

    /// From now on each instance is told these settings.
    pub(super) fn set_settings(&mut self, settings: Bytes) {
        self.settings = settings;
    }

    /// Tells an instance its settings; what it says to them, if it wants to know any.
    pub(super) fn configure(&self, instance: &mut Running) -> Result<Option<Bytes>, Fault> {
        let Ok(configure) = instance.instance.get_typed_func::<(i32, i32), i64>(&instance.store, "configure")
        else {
            return Ok(None);
        };
        let place = instance.put(&self.settings)?;
        let packed = configure.call(&mut instance.store, place)?;
        instance.take(packed).map(Some)
    }

    /// An instance that waits, or a new one.
    pub(super) fn instance(&self) -> Result<Running, Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(idle) = idle {
            return Ok(idle);
        }
        let mut instance = Running::new(self)?;
        // What it says was looked at when the module was loaded: the same module, the same settings.
        self.configure(&mut instance)?;
        Ok(instance)
    }

    /// Gives back an instance whose call has ended well.
    pub(super) fn give_back(&self, mut instance: Running) {
        instance.store.data_mut().forget();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.limits.instances {
            idle.push(instance);
        }
    }
}

/// One instance. After a fault it is thrown away.
pub(super) struct Running {
    pub(super) store: Store<Guest>,
    instance: Instance,
    memory: Memory,
    alloc: TypedFunc<i32, i32>,
    free: TypedFunc<(i32, i32), ()>,
    pub(super) handle: TypedFunc<(i32, i32, i32), i64>,
}

impl Running {
    fn new(compiled: &Compiled) -> Result<Self, Fault> {
        let guest = Guest::new(store_limits(&compiled.limits), compiled.limits.answer_bytes);
        let mut store = Store::new(&compiled.engine, guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_fuel(FUEL_TO_START)?;
        let instance = compiled.linker.instantiate_and_start(&mut store, &compiled.module)?;
        let memory = instance
            .get_memory(&store, "memory")
            .ok_or_else(|| Fault::Garbage("it exports no `memory`".into()))?;
        store.data_mut().memory = Some(memory);
        if let Ok(init) = instance.get_typed_func::<(), ()>(&store, "init") {
            init.call(&mut store, ())?;
        }
        let alloc = instance.get_typed_func(&store, "alloc")?;
        let free = instance.get_typed_func(&store, "free")?;
        let handle = instance.get_typed_func(&store, "handle")?;
        Ok(Self { store, instance, memory, alloc, free, handle })
    }

    /// The version of the interface that the module was built for.
    pub(super) fn abi(&mut self) -> Result<(u32, u32), Fault> {
        let version = self.instance.get_typed_func::<(), i32>(&self.store, "abi_version")?;
        let version = version.call(&mut self.store, ())?.cast_unsigned();
        Ok((version >> 16, version & 0xffff))
    }

    /// The encoded manifest.
    pub(super) fn manifest(&mut self) -> Result<Bytes, Fault> {
        let manifest = self.instance.get_typed_func::<(), i64>(&self.store, "manifest")?;
        let packed = manifest.call(&mut self.store, ())?;
        self.take(packed)
    }

    /// Puts bytes into the memory of the module; never none.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(i32, i32), Fault> {
        let length = i32::try_from(bytes.len()).map_err(|_| Fault::Garbage("too long".into()))?;
        let at = self.alloc.call(&mut self.store, length)?;
        let start = usize::try_from(at.cast_unsigned()).map_err(|_| outside())?;
        self.memory.write(&mut self.store, start, bytes).map_err(|_| outside())?;
        Ok((at, length))
    }

    /// Takes what the module has put at `packed`, and frees it there.
    pub(super) fn take(&mut self, packed: i64) -> Result<Bytes, Fault> {
        let packed = packed.cast_unsigned();
        let (at, length) = ((packed >> 32) as u32, (packed & 0xffff_ffff) as u32);
        let most = self.store.data().most_bytes;
        let bytes = guest::range(self.memory.data(&self.store), at, length, most).ok_or_else(outside)?;
        let mut taken = BytesMut::with_capacity(bytes.len());
        taken.put_slice(bytes);
        self.free.call(&mut self.store, (at.cast_signed(), length.cast_signed()))?;
        Ok(taken.freeze())
    }
}

fn outside() -> Fault {
    Fault::Garbage("a range is empty, too long, or outside its memory".into())
}

fn store_limits(limits: &Hot) -> StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(limits.memory_bytes)
        .table_elements(TABLE_ENTRIES)
        .instances(1)
        .memories(1)
        .tables(4)
        .build()
}
