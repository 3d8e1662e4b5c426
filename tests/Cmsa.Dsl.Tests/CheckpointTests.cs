using System.Globalization;
using System.IO.Compression;
using System.Text;
using Cmsa.Pickle;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

/// <summary>Files of PyTorch as people have them: checkpoints, whole models, programs, cut off, hostile.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("checkpoints").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "weights", name);

    private static T Right<T>(Either<Error, T> either) =>
        either.Match(Right: r => r, Left: wrong => throw new InvalidOperationException($"{wrong}"));

    private static Error Wrong<T>(Either<Error, T> either) =>
        either.Match(Right: r => throw new InvalidOperationException($"{r}"), Left: wrong => wrong);

    private static float[] Floats(WeightsFile file, string name)
    {
        using var tensor = Right(file.Read(name));
        return tensor.contiguous().data<float>().ToArray();
    }

    // ---- pickles by hand

    /// <summary>A part of the storage <c>data/0</c>, which has so many elements.</summary>
    private static string Tensor(int count, long offset, long[] sizes, long[] strides, string type = "FloatStorage")
    {
        static string Tuple(long[] numbers) => $"({string.Concat(numbers.Select(n => $"L{n}L\n"))}t";
        var storage = $"(S'storage'\nctorch\n{type}\nS'0'\nS'cpu'\nI{count}\ntQ";
        return $"ctorch._utils\n_rebuild_tensor_v2\n({storage}L{offset}L\n{Tuple(sizes)}{Tuple(strides)}I00\nNtR";
    }

    private static string One => Tensor(count: 1, offset: 0, sizes: [1], strides: [1]);

    private static string Dict(params (string Key, string Value)[] entries) =>
        $"(d{string.Concat(entries.Select(e => $"S'{e.Key}'\n{e.Value}s"))}";

    /// <summary>A module as PyTorch pickles one, with a parameter.</summary>
    private static string Module
    {
        get
        {
            var state = Dict(("_parameters", Dict(("w", One))), ("_modules", Dict()), ("training", "I01\n"));
            return $"cnets\nNet\n)\u0081{state}b";
        }
    }

    private string Zip(
        string pickle,
        float[] storage,
        CompressionLevel compression = CompressionLevel.NoCompression,
        string also = "version"
    )
    {
        var path = At($"{Guid.NewGuid():N}.pth");
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Write("a/data.pkl", Encoding.Latin1.GetBytes($"\u0080\u0002{pickle}."));
        Write("a/data/0", System.Runtime.InteropServices.MemoryMarshal.AsBytes(storage.AsSpan()).ToArray());
        Write($"a/{also}", "3"u8.ToArray());
        return path;

        void Write(string name, byte[] content)
        {
            using var stream = zip.CreateEntry(name, compression).Open();
            stream.Write(content);
        }
    }

    private string Legacy(string pickle, string keys, params float[] storage)
    {
        var path = At($"{Guid.NewGuid():N}.pth");
        var magic = new byte[]
        {
            0x80,
            0x02,
            0x8a,
            0x0a,
            0x6c,
            0xfc,
            0x9c,
            0x46,
            0xf9,
            0x20,
            0x6a,
            0xa8,
            0x50,
            0x19,
            (byte)'.',
        };
        File.WriteAllBytes(
            path,
            [
                .. magic,
                .. Encoding.Latin1.GetBytes(
                    $"\u0080\u0002M\u00e9\u0003.\u0080\u0002}}.\u0080\u0002{pickle}.\u0080\u0002]{keys}."
                ),
                .. BitConverter.GetBytes((long)storage.Length),
                .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(storage.AsSpan()),
            ]
        );
        return path;
    }

    // ---- checkpoints

    [Theory, InlineData("checkpoint.pth"), InlineData("checkpoint_legacy.pth")]
    public void A_training_script_s_checkpoint_gives_its_only_state_dictionary(string name)
    {
        using var file = Right(Weights.Read(Fixture(name)));
        Assert.Equal([new StoredTensor("weight", ScalarType.Float32, [1, 2])], file.Tensors);
        Assert.Equal([1f, 2f], Floats(file, "weight"));
    }

    [Theory, InlineData("checkpoint.pth"), InlineData("checkpoint_legacy.pth")]
    public void What_is_not_a_tensor_is_kept_as_inert_data(string name)
    {
        using var file = Right(Weights.Read(Fixture(name)));
        var held = (PickleValue.Dict)file.Checkpoint.IfNone(PickleValue.None.Value);
        PickleValue Of(string key) => held.Find(key).IfNone(PickleValue.None.Value);
        Assert.Equal(new PickleValue.Int(3), Of("epoch"));
        Assert.Equal(new PickleValue.Float(0.25), Of("loss"));
        Assert.Equal(new PickleValue.Global(new("torch", "float16")), Of("dtype"));
        Assert.Equal(new PickleName("torch", "Size"), ((PickleValue.Made)Of("shape")).Name);
        Assert.Equal(new PickleName("numpy.core.multiarray", "_reconstruct"), ((PickleValue.Made)Of("scores")).Name);
        Assert.Equal([(new PickleValue.Text("a"), new PickleValue.Int(1))], ((PickleValue.Dict)Of("ordered")).Entries);
        Assert.Equal(
            [(new PickleValue.Text("loss"), new PickleValue.List([new PickleValue.Float(1)]))],
            ((PickleValue.Dict)Of("history")).Entries
        );
        var attributes = (PickleValue.Dict?)((PickleValue.Made)Of("args")).State;
        Assert.Equal(new PickleValue.Float(0.1), attributes!.Find("lr").IfNone(PickleValue.None.Value));
    }

    [Fact]
    public void A_best_score_that_is_a_tensor_can_be_chosen_too()
    {
        using var file = Right(Weights.Read(Fixture("checkpoint.pth"), key: "."));
        Assert.Equal([new StoredTensor("best_acc1", ScalarType.Float32, [])], file.Tensors);
        Assert.Equal([0.5f], Floats(file, "best_acc1"));
    }

    [Theory]
    [InlineData("net")]
    [InlineData("state")]
    [InlineData("params")]
    [InlineData("ema")]
    [InlineData("module")]
    public void A_state_dictionary_is_found_under_any_key(string key)
    {
        var state = Dict(("w", One));
        var beside = Dict((key, state), ("epoch", "I3\n"));
        var nested = Dict(("a", Dict((key, state))));
        foreach (var pickle in new[] { beside, nested, $"(S'x'\n{beside}t" })
        {
            using var file = Right(Weights.Read(Zip(pickle, [7])));
            Assert.Equal([7f], Floats(file, "w"));
        }
    }

    [Fact]
    public void Several_are_an_error_that_names_their_keys_and_each_can_be_chosen()
    {
        var path = Zip(
            Dict(
                ("ema", Dict(("w", One))),
                ("model", Dict(("backbone", Dict(("v", One))), ("head", Dict(("u", One)))))
            ),
            [7]
        );
        Assert.Equal(
            new Error(
                "several keys hold tensors: ema, model.backbone, model.head",
                path,
                "choose one by its key, such as key \"ema\""
            ),
            Wrong(Weights.Read(path))
        );
        Many<string> Names(string key)
        {
            using var file = Right(Weights.Read(path, key));
            return file.Tensors.Map(t => t.Name);
        }
        Assert.Equal(["w"], Names("ema"));
        Assert.Equal(["v"], Names("model.backbone"));
        Assert.Equal(["backbone.v", "head.u"], Names("model"));
        Assert.Equal(["ema.w", "model.backbone.v", "model.head.u"], Names("."));
        Assert.Equal("there is no key modl", Wrong(Weights.Read(path, "modl")).What);
        Assert.Equal("did you mean model?", Wrong(Weights.Read(path, "modl")).Hint);
        Assert.Equal("there are ema, model", Wrong(Weights.Read(path, "something")).Hint);
    }

    [Fact]
    public void Names_that_become_one_are_an_error()
    {
        var path = Zip(Dict(("m", Dict(("a", Dict(("b.c", One))), ("a.b", Dict(("c", One)))))), [7]);
        Assert.Equal("two tensors under the key m have the name a.b.c", Wrong(Weights.Read(path, "m")).What);
    }

    [Fact]
    public void A_random_state_is_not_a_state_dictionary_where_there_is_one()
    {
        var random = Tensor(count: 1, offset: 0, sizes: [1], strides: [1], type: "ByteStorage");
        using var file = Right(Weights.Read(Zip(Dict(("rng", random), ("net", Dict(("w", One)))), [7])));
        Assert.Equal(["w"], file.Tensors.Map(t => t.Name));
    }

    [Fact]
    public void The_same_dictionary_under_two_keys_is_one()
    {
        using var file = Right(Weights.Read(Zip($"(dS'a'\n{Dict(("w", One))}q\u0001sS'b'\nh\u0001s", [7])));
        Assert.Equal([7f], Floats(file, "w"));
    }

    [Fact]
    public void A_key_is_not_for_safetensors() =>
        Assert.Contains(
            "a .safetensors file has no key net",
            $"{Wrong(Weights.Read(Fixture("python.safetensors"), "net"))}",
            StringComparison.Ordinal
        );

    // ---- what is no state dictionary

    private const string Save = "in Python, save its state dictionary: torch.save(model.state_dict(), \"weights.pth\")";

    [Fact]
    public void A_whole_model_is_named_with_what_to_do()
    {
        var path = Fixture("model.pth");
        Assert.Equal(
            new Error("a whole model (torch.nn.modules.linear.Linear) pickled, not a state dictionary", path, Save),
            Wrong(Weights.Read(path))
        );
        var inside = Zip(Dict(("epoch", "I3\n"), ("model", Module)), [7]);
        Assert.Equal(
            new Error("a whole model (nets.Net) pickled under the key model, not a state dictionary", inside, Save),
            Wrong(Weights.Read(inside))
        );
        // Before PyTorch 1.6 the class is an object outside, with its source.
        var empty = Dict(("_parameters", Dict()), ("_modules", Dict()));
        var old = Legacy($"(S'module'\ncnets\nNet\nS'nets.py'\nS'class Net'\ntQ)\u0081{empty}b", "");
        Assert.Equal(
            new Error("a whole model (nets.Net) pickled, not a state dictionary", old, Save),
            Wrong(Weights.Read(old))
        );
    }

    [Fact]
    public void A_state_dictionary_beside_a_whole_model_is_read()
    {
        using var file = Right(Weights.Read(Zip(Dict(("model", Module), ("ema", Dict(("w", One)))), [7])));
        Assert.Equal([7f], Floats(file, "w"));
    }

    [Fact]
    public void A_TorchScript_archive_is_named_with_what_to_do()
    {
        var wrong = Wrong(Weights.Read(Zip("N", [], also: "constants.pkl")));
        Assert.Equal("a TorchScript archive (a program saved by torch.jit.save), not a state dictionary", wrong.What);
        Assert.Contains("torch.jit.load(FILE).state_dict()", wrong.Hint, StringComparison.Ordinal);
    }

    [Theory, InlineData("zip.pth"), InlineData("checkpoint.pth"), InlineData("deflated.pth"), InlineData("legacy.pth")]
    public void A_file_that_is_cut_off_says_copy_it_again(string name)
    {
        var bytes = File.ReadAllBytes(Fixture(name));
        File.WriteAllBytes(At("cut.pth"), bytes[..^20]);
        var wrong = Wrong(Weights.Read(At("cut.pth")));
        Assert.StartsWith("the file ends before it is complete", wrong.What, StringComparison.Ordinal);
        Assert.Equal("copy the file again", wrong.Hint);
    }

    // ---- tensors that are not read

    [Theory, InlineData("unread.pth"), InlineData("unread_legacy.pth")]
    public void Types_that_are_not_read_refuse_their_tensor_and_not_the_file(string name)
    {
        using var file = Right(Weights.Read(Fixture(name)));
        Assert.Equal([1f, 2f], Floats(file, "good"));
        Assert.Equal([3f], Floats(file, "last"));
        Assert.Equal(
            ["good [2]", "complex [3]", "quantised [2, 2]", "sparse []", "last [1]"],
            file.Tensors.Map(t => $"{t.Name} {t.Sizes}")
        );
        string Refused(string tensor) => Wrong(file.Read(tensor)).What;
        Assert.StartsWith(
            "tensor complex cannot be read: its elements are of the type ComplexFloatStorage, which is not read",
            Refused("complex"),
            StringComparison.Ordinal
        );
        const string made = "it is made by torch._utils";
        Assert.Contains($"{made} _rebuild_qtensor, which is not read", Refused("quantised"), StringComparison.Ordinal);
        Assert.Contains(
            $"{made} _rebuild_sparse_tensor, which is not read",
            Refused("sparse"),
            StringComparison.Ordinal
        );
    }

    [Theory, InlineData("F8_E4M3"), InlineData("U32"), InlineData("C64")]
    public void So_do_those_of_safetensors(string type)
    {
        var a = $"\"a\":{{\"dtype\":\"{type}\",\"shape\":[1],\"data_offsets\":[0,8]}}";
        var header = "{" + a + ""","b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""";
        byte[] elements = [.. new byte[8], .. BitConverter.GetBytes(5f)];
        byte[] content =
        [
            .. BitConverter.GetBytes((long)header.Length),
            .. Encoding.UTF8.GetBytes(header),
            .. elements,
        ];
        File.WriteAllBytes(At("a.safetensors"), content);
        using var file = Right(Weights.Read(At("a.safetensors")));
        Assert.Equal([5f], Floats(file, "b"));
        Assert.Contains($"of the type {type}, which is not read", Wrong(file.Read("a")).What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_needs_one_is_refused_and_one_that_leaves_it_out_is_not()
    {
        using var model = Conv(1, 1, bias: false)
            .Named("good")
            .Compile(InputSpec.FeatureMap(1, 2, 2))
            .Match(Succ: m => m, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));
        using var file = Right(Weights.Read(Fixture("unread.pth")));
        Func<string, string?> to(string name) => tensor => tensor == name ? "good.weight" : null;
        Assert.StartsWith(
            "tensor sparse cannot be read",
            Wrong(model.Load(file, mapping: to("sparse"))).What,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "1 of another shape",
            Wrong(model.Load(file, mapping: to("good"))).Hint,
            StringComparison.Ordinal
        );
    }

    // ---- views

    [Fact]
    public void Views_with_offsets_are_read_from_either_format()
    {
        var elements = Enumerable.Range(0, 12).Select(i => (float)i).ToArray();
        var state = Dict(
            ("tail", Tensor(12, 9, [3], [1])),
            ("row", Tensor(12, 4, [4], [1])),
            ("column", Tensor(12, 2, [3], [4])),
            ("turned", Tensor(12, 1, [2, 3], [1, 4])),
            ("every other", Tensor(12, 1, [2, 2], [4, 2]))
        );
        var zipped = Zip(state, elements);
        var deflated = Zip(state, elements, CompressionLevel.Optimal);
        foreach (var path in new[] { zipped, deflated, Legacy(state, "S'0'\na", elements) })
        {
            using var file = Right(Weights.Read(path));
            Assert.Equal([9f, 10f, 11f], Floats(file, "tail"));
            Assert.Equal([4f, 5f, 6f, 7f], Floats(file, "row"));
            Assert.Equal([2f, 6f, 10f], Floats(file, "column"));
            Assert.Equal([1f, 5f, 9f, 2f, 6f, 10f], Floats(file, "turned"));
            Assert.Equal([1f, 3f, 5f, 7f], Floats(file, "every other"));
        }
    }

    [Fact]
    public void Before_PyTorch_0_4_a_storage_can_itself_be_a_part_of_one()
    {
        var view = Dict(
            ("w", Tensor(6, 1, [2], [1]).Replace("I6\ntQ", "I6\n(S'0'\nI3\nI3\nttQ", StringComparison.Ordinal))
        );
        using var file = Right(Weights.Read(Legacy(view, "S'0'\na", 0, 1, 2, 3, 4, 5)));
        Assert.Equal([4f, 5f], Floats(file, "w"));
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(13, 0)]
    [InlineData(0, 13)]
    public void A_view_beyond_its_storage_is_an_error(int offset, int size)
    {
        var path = Zip(Dict(("w", Tensor(12, offset, [Math.Max(1, size)], [1]))), new float[12]);
        Assert.Contains(
            "reaches beyond its storage of 12 elements",
            Wrong(Weights.Read(path)).What,
            StringComparison.Ordinal
        );
    }

    // ---- bounds

    [Fact]
    public void A_stride_of_0_does_not_make_gigabytes_of_a_small_file()
    {
        var path = Zip(
            Dict(("w", Tensor(1, 0, [30_000, 30_000], [0, 0])), ("small", Tensor(1, 0, [2, 3], [0, 0]))),
            [7]
        );
        Assert.InRange(new FileInfo(path).Length, 0, 1000);
        using var file = Right(Weights.Read(path));
        Assert.Equal([7f, 7f, 7f, 7f, 7f, 7f], Floats(file, "small"));
        Assert.Contains("16 times the file", Wrong(file.Read("w")).What, StringComparison.Ordinal);
        using var overflowing = Right(
            Weights.Read(Zip(Dict(("w", Tensor(1, 0, [.. Enumerable.Repeat(1L << 40, 4)], [0, 0, 0, 0]))), [7]))
        );
        Assert.Contains("16 times the file", Wrong(overflowing.Read("w")).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Compressed_zeros_do_not_make_gigabytes_of_a_small_file()
    {
        var path = Zip(
            Dict(("w", Tensor(4 << 20, 0, [4 << 20], [1]))),
            new float[4 << 20],
            CompressionLevel.SmallestSize
        );
        using var file = Right(Weights.Read(path));
        Assert.Contains("16 times the file", Wrong(file.Read("w")).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("N")]
    [InlineData("]")]
    [InlineData("}")]
    [InlineData("(")]
    [InlineData("\u0094")]
    [InlineData("cm\nf\n)R")]
    public void A_compressed_pickle_takes_memory_for_what_is_stored(string part)
    {
        var path = Zip(
            $"](N{new StringBuilder().Insert(0, part, 8_000_000 / part.Length)}e",
            [],
            CompressionLevel.SmallestSize
        );
        var stored = new FileInfo(path).Length;
        Assert.InRange(stored, 5_000, 50_000);
        _ = Weights.Read(path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(Weights.Read(path).IsLeft);
        Assert.InRange(
            GC.GetAllocatedBytesForCurrentThread() - before,
            0,
            PickleOptions.MemoryFor(stored) + (256 << 10)
        );
    }

    [Fact]
    public void A_compressed_storage_is_unpacked_once_and_not_once_a_tensor()
    {
        const int count = 100;
        var random = new Random(1);
        var elements = Enumerable.Range(0, 1000 * count).Select(_ => (float)random.Next(10)).ToArray();
        var views = Enumerable
            .Range(0, count)
            .Select(i => (i.ToString(CultureInfo.InvariantCulture), Tensor(elements.Length, 1000L * i, [1000], [1])))
            .ToArray();
        using var file = Right(Weights.Read(Zip(Dict(views), elements, CompressionLevel.Optimal)));
        Assert.Equal(elements[^1000..], Floats(file, "99"));
        Right(file.Read("0")).Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = count - 1; i >= 0; i--)
            Right(file.Read(i.ToString(CultureInfo.InvariantCulture))).Dispose();
        // A stream that unpacks has buffers of its own, of more than 8 KiB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, count * 4096);
    }

    [Fact]
    public void A_dictionary_that_is_shared_again_and_again_is_searched_once()
    {
        // d = {}; then d = {'a': d, 'b': d} sixty times: 2^60 dictionaries as a tree.
        var doubling = new StringBuilder("}q\u00010");
        for (var i = 0; i < 60; i++)
            doubling.Append("(dS'a'\nh\u0001sS'b'\nh\u0001sq\u00010");
        var path = Zip($"{doubling}h\u0001", []);
        Assert.Equal("no state dictionary: it holds a, b", Wrong(Weights.Read(path)).What);
        Assert.Equal("too many dictionaries under the key a", Wrong(Weights.Read(path, "a")).What);
    }
}
