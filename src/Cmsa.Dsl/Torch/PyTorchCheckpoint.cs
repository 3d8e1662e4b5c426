using Cmsa.Pickle;
using LanguageExt;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// Finds the state dictionary in what people save: alone, or under a key beside an optimizer, arguments, an epoch.
/// Whatever else is there is inert data.
/// </summary>
internal static class PyTorchCheckpoint
{
    /// <summary>The key of the whole checkpoint.</summary>
    public const string Top = ".";

    private const int MostShown = 10;

    // Shared dictionaries can have exponentially many names: their letters are counted.
    private const int MostLetters = 50_000_000;

    private const string Save = "in Python, save its state dictionary: torch.save(model.state_dict(), \"weights.pth\")";

    /// <summary>The tensors of the state dictionary by name, or why there is not one.</summary>
    /// <param name="root">What the file holds.</param>
    /// <param name="key">Where the state dictionary is; empty to find it.</param>
    public static Either<Error, Many<(string Name, PickleValue Tensor)>> State(PickleValue root, string key) =>
        key.Length == 0 ? Found(root) : At(root, key);

    /// <summary>What a TorchScript archive is, for a person who has one.</summary>
    public static Error TorchScript =>
        new(
            "a TorchScript archive (a program saved by torch.jit.save), not a state dictionary",
            Hint: "in Python, save its state dictionary: torch.save(torch.jit.load(FILE).state_dict(), \"weights.pth\")"
        );

    // ---- without a key

    private static Either<Error, Many<(string, PickleValue)>> Found(PickleValue root)
    {
        if (root is PickleValue.Dict { Entries.IsEmpty: true })
            return default(Many<(string, PickleValue)>);
        var search = new Search(root);
        // A best score or a random state beside the state dictionary is a tensor too.
        var states = search.States.Exists(s => !s.IsMinor) ? search.States.Filter(s => !s.IsMinor) : search.States;
        if (states is [var only])
            return Tensors(only.Value);
        if (states.Count > 1)
        {
            var keys = states.Map(s => s.Place.Key);
            var example = keys.Find(key => key != Top).IfNone(Top);
            return new Error(
                $"several keys hold tensors: {Shown(keys)}",
                Hint: $"choose one by its key, such as key \"{example}\""
            );
        }
        if (search.Modules is [var module, ..])
        {
            var what = module.Name.Map(name => $"a whole model ({name.Module}.{name.Name})").IfNone("a whole model");
            var where = module.Place.Parent is null ? "" : $" under the key {module.Place.Key}";
            return new Error($"{what} pickled{where}, not a state dictionary", Hint: Save);
        }
        var children = Children(root).Select(child => child.Key).ToMany();
        var held = children.IsEmpty ? "" : $": it holds {Shown(children)}";
        return new Error($"no state dictionary{held}", Hint: Save);
    }

    // ---- with a key

    private static Either<Error, Many<(string, PickleValue)>> At(PickleValue root, string key)
    {
        var chosen = key == Top ? root : Descend(root, key).Case as PickleValue;
        if (chosen is null)
        {
            var keys = Children(root).Select(child => child.Key).ToMany();
            var nearest = Nearest.Hint(key, keys);
            return new Error($"there is no key {key}", Hint: nearest.Length > 0 ? nearest : $"there are {Shown(keys)}");
        }
        var tensors = Tensors(chosen);
        return tensors.IsEmpty ? Joined(chosen, key) : tensors;
    }

    private static Option<PickleValue> Descend(PickleValue value, string key)
    {
        foreach (var (name, child) in Children(value))
        {
            if (name == key)
                return child;
            if (
                key.Length > name.Length
                && key[name.Length] == '.'
                && key.StartsWith(name, StringComparison.Ordinal)
                && Descend(child, key[(name.Length + 1)..]).Case is PickleValue found
            )
                return found;
        }
        return None;
    }

    /// <summary>
    /// The tensors of several dictionaries in one, their names joined by dots: a backbone's and a head's.
    /// </summary>
    private static Either<Error, Many<(string, PickleValue)>> Joined(PickleValue value, string key)
    {
        const string deeper = "choose a key further down";
        var joined = new Dictionary<string, PickleValue>();
        var open = new Stack<(string Prefix, PickleValue Value)>([("", value)]);
        var letters = 0L;
        while (open.TryPop(out var next))
        {
            letters += 1 + next.Prefix.Length;
            if (letters > MostLetters)
                return new Error($"too many dictionaries under the key {key}", Hint: deeper);
            foreach (var (name, tensor) in Tensors(next.Value))
            {
                var path = next.Prefix + name;
                if (!joined.TryAdd(path, tensor))
                    return new Error($"two tensors under the key {key} have the name {path}", Hint: deeper);
            }
            var dictionaries = Children(next.Value).Where(child => child.Value is PickleValue.Dict);
            foreach (var (name, child) in dictionaries.Reverse())
                open.Push(($"{next.Prefix}{name}.", child));
        }
        return joined.Count > 0
            ? joined.Select(entry => (entry.Key, entry.Value)).ToMany()
            : new Error($"no tensors under the key {key}", Hint: "choose the key of a state dictionary");
    }

    // ---- what values hold

    private static Many<(string Name, PickleValue Tensor)> Tensors(PickleValue value) =>
        Entries(value)
            .Choose(e =>
                e.Key is PickleValue.Text name && PyTorchTensor.Is(e.Value) ? Some((name.Value, e.Value)) : None
            );

    private static Many<(PickleValue Key, PickleValue Value)> Entries(PickleValue value) =>
        value switch
        {
            PickleValue.Dict dict => dict.Entries,
            PickleValue.Made made => made.Entries,
            _ => default,
        };

    /// <summary>
    /// What a value holds, by the keys that a person writes: a dictionary's, an object's attributes, a list's indices.
    /// </summary>
    private static IEnumerable<(string Key, PickleValue Value)> Children(PickleValue value)
    {
        if (PyTorchTensor.Is(value))
            return [];
        var entries = Entries(value).Choose(Named);
        var attributes = value is PickleValue.Made { State: PickleValue.Dict state }
            ? state.Entries.Choose(Named)
            : default;
        var items = value switch
        {
            PickleValue.List list => list.Items,
            PickleValue.Tuple tuple => tuple.Items,
            PickleValue.Made made => made.Items,
            _ => default,
        };
        return entries.Concat(attributes).Concat(items.Select((item, i) => ($"{i}", item)));
    }

    private static Option<(string Key, PickleValue Value)> Named((PickleValue Key, PickleValue Value) entry) =>
        entry.Key switch
        {
            PickleValue.Text text => (text.Value, entry.Value),
            PickleValue.Int number when number.Value.GetBitLength() < 64 => ($"{number.Value}", entry.Value),
            _ => None,
        };

    private static string Shown(Many<string> keys)
    {
        var shown = keys.Take(MostShown);
        var more = keys.Count > MostShown ? $" and {keys.Count - MostShown} more" : "";
        return string.Join(", ", shown) + more;
    }

    /// <summary>Where a value is in a checkpoint.</summary>
    private sealed record Place(Place? Parent, string Name)
    {
        /// <summary>The key that a person gives for it.</summary>
        public string Key
        {
            get
            {
                var names = new List<string>();
                for (var place = this; place.Parent is not null; place = place.Parent)
                    names.Add(place.Name);
                names.Reverse();
                return names.Count == 0 ? Top : string.Join('.', names);
            }
        }
    }

    /// <summary>
    /// All state dictionaries and whole models in a checkpoint, each once, however often it is shared.
    /// </summary>
    private sealed class Search
    {
        private readonly System.Collections.Generic.HashSet<PickleValue> seen = new(ReferenceEqualityComparer.Instance);
        private readonly List<(Place Place, PickleValue Value, bool IsMinor)> states = [];
        private readonly List<(Place Place, Option<PickleName> Name)> modules = [];

        public Search(PickleValue root)
        {
            Visit(new Place(null, ""), root);
            States = states.ToMany();
            Modules = modules.ToMany();
        }

        /// <summary>
        /// The state dictionaries, in the file's order, and whether each has only numbers and random states.
        /// </summary>
        public Many<(Place Place, PickleValue Value, bool IsMinor)> States { get; }

        /// <summary>The whole models.</summary>
        public Many<(Place Place, Option<PickleName> Name)> Modules { get; }

        private void Visit(Place place, PickleValue value)
        {
            if (!seen.Add(value) || IsOptimizer(value))
                return;
            if (value is PickleValue.Made { State: PickleValue.Dict state } made && IsModule(state))
            {
                modules.Add((place, Class(made)));
                return;
            }
            var tensors = Tensors(value);
            if (!tensors.IsEmpty)
                states.Add((place, value, tensors.ForAll(t => IsMinor(t.Tensor))));
            foreach (var (key, child) in Children(value))
            {
                // Extra state belongs to the dictionary that it is in.
                if (tensors.IsEmpty || !key.EndsWith("_extra_state", StringComparison.Ordinal))
                    Visit(new Place(place, key), child);
            }
        }

        // PyTorch saves the state of a random generator as a tensor of bytes.
        private static bool IsMinor(PickleValue tensor) =>
            PyTorchTensor.Sizes(tensor).Exists(sizes => sizes.IsEmpty)
            || PyTorchTensor.StorageOf(tensor).Exists(storage => storage.Type.Elements == Some(ScalarType.Byte));

        private static bool IsOptimizer(PickleValue value) =>
            value is PickleValue.Dict dict && dict.Find("param_groups").IsSome && dict.Find("state").IsSome;

        private static bool IsModule(PickleValue.Dict state) =>
            state.Find("_modules").IsSome && state.Find("_parameters").IsSome;

        // An object is made by its class, or by a function of copyreg that is given its class.
        private static Option<PickleName> Class(PickleValue.Made made) =>
            made switch
            {
                {
                    Callable: PickleValue.Global { Name.Module: "copyreg" or "copy_reg" },
                    Arguments: [PickleValue.Global of, ..]
                } => of.Name,
                // Before PyTorch 1.6: an id of (module, class, file, source).
                {
                    Callable: PickleValue.Outside { Id: PickleValue.Tuple { Items: [_, PickleValue.Global old, ..] } }
                } => old.Name,
                _ => made.Name,
            };
    }
}
