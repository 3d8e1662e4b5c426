using System.Buffers.Binary;
using System.Text;
using Cmsa.Pickle;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Tests;

public sealed class WeightsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("weights").FullName;

    private static readonly Layer small = Conv(2, 3) >> BatchNorm() >> Relu >> Conv(1, 1).Named("mask");
    private static readonly InputSpec extent = InputSpec.FeatureMap(3, 4, 4);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string At(string name) => Path.Combine(folder, name);

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "weights", name);

    private static Compiled Compile(
        Layer layer,
        ulong seed = 0,
        Precision precision = Precision.Float32,
        bool training = false
    ) =>
        layer
            .Compile(
                extent,
                new Options(
                    Seed: seed,
                    Precision: precision,
                    Training: training,
                    Optimise: Graphs.OptimizationLevel.AsWritten
                )
            )
            .Match(Succ: c => c, Fail: errors => throw new InvalidOperationException(string.Join("\n", errors)));

    private static T Right<T>(Either<Error, T> either) =>
        either.Match(Right: r => r, Left: wrong => throw new InvalidOperationException($"{wrong}"));

    private static string Left<T>(Either<Error, T> either) =>
        either.Match(Right: r => throw new InvalidOperationException($"{r}"), Left: wrong => $"{wrong}");

    private static byte[] Snapshot(Compiled model) => [.. model.Tensors.SelectMany(t => t.Tensor.bytes.ToArray())];

    // ---- .safetensors

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Float64)]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float32, true)]
    public void What_is_saved_is_loaded_bit_for_bit(Precision precision, bool training = false)
    {
        using var saved = Compile(small, seed: 1, precision, training);
        using var loaded = Compile(small, seed: 2, precision, training);
        Assert.NotEqual(Snapshot(saved), Snapshot(loaded));
        Right(saved.Save(At("a.safetensors")));
        var report = Right(loaded.Load(At("a.safetensors")));
        Assert.Equal(saved.Tensors.Select(t => t.Parameter.Path), report.Loaded);
        Assert.True(report.Fits);
        Assert.Equal(Snapshot(saved), Snapshot(loaded));
    }

    [Fact]
    public void A_module_in_another_precision_gets_the_rounded_weights()
    {
        using var saved = Compile(small, seed: 1, Precision.Float64);
        using var loaded = Compile(small, seed: 2, Precision.BFloat16, training: true);
        Right(saved.Save(At("a.safetensors")));
        Right(loaded.Load(At("a.safetensors")));
        foreach (var ((_, a), (_, b)) in saved.Tensors.Zip(loaded.Tensors))
            Assert.True(a.to(ScalarType.BFloat16).eq(b).all().item<bool>());
    }

    [Fact]
    public void A_file_begins_with_its_header_and_aligned_elements()
    {
        using var model = Compile(Conv(1, 1));
        Right(model.Save(At("a.safetensors")));
        var bytes = File.ReadAllBytes(At("a.safetensors"));
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal(
            """{"__metadata__":{"format":"pt"},"conv.weight":{"dtype":"F32","shape":[1,3,1,1],"data_offsets":[0,12]},"""
                + "\"conv.bias\":"
                + """{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""",
            Encoding.UTF8.GetString(bytes, 8, length).TrimEnd()
        );
        Assert.Equal(8 + length + 16, bytes.Length);
    }

    [Fact]
    public void Saving_replaces_a_file_as_a_whole_and_leaves_nothing_beside_it()
    {
        using var model = Compile(small, seed: 1);
        File.WriteAllText(At("a.safetensors"), "something else");
        Right(model.Save(At("a.safetensors")));
        Assert.Equal([At("a.safetensors")], Directory.GetFiles(folder));
        Directory.CreateDirectory(At("occupied"));
        Assert.StartsWith(At("occupied"), Left(model.Save(At("occupied"))), StringComparison.Ordinal);
        Assert.Equal([At("a.safetensors")], Directory.GetFiles(folder));
        Assert.Contains(
            "there is no such file",
            Left(model.Save(At("nowhere/a.safetensors"))),
            StringComparison.Ordinal
        );
    }

    // ---- what does not fit

    [Fact]
    public void Unless_all_fits_nothing_is_changed_and_all_is_said()
    {
        using var saved = Compile(small, seed: 1);
        using var other = Compile(Conv(2, 5) >> Relu >> Conv(1, 1).Named("head"), seed: 2);
        Right(saved.Save(At("a.safetensors")));
        var before = Snapshot(other);
        const string hint = "load with strict: false to take what fits, or with a mapping of names";
        Assert.Equal(
            $"""
            {At("a.safetensors")}: the file does not fit the model, and nothing was loaded; {hint}
            1 tensors fit
            2 missing from the file:
              head.weight [1, 2, 1, 1]
              head.bias [1]
            6 unknown to the model:
              norm.weight [2]
              norm.bias [2]
              norm.running_mean [2]
              norm.running_var [2]
              mask.weight [1, 2, 1, 1]
              mask.bias [1]
            1 of another shape:
              conv.weight [2, 3, 3, 3], expected [2, 3, 5, 5]
            """.ReplaceLineEndings("\n"),
            Left(other.Load(At("a.safetensors")))
        );
        Assert.Equal(before, Snapshot(other));

        var report = Right(other.Load(At("a.safetensors"), strict: false));
        Assert.Equal(["conv.bias"], report.Loaded);
        Assert.Equal(before[..^(4 * 5)], Snapshot(other)[..^(4 * 5)]);
        Tensor Bias(Compiled model) => model.Tensors.Single(t => t.Parameter.Path == "conv.bias").Tensor;
        Assert.True(Bias(saved).eq(Bias(other)).all().item<bool>());
    }

    [Fact]
    public void Of_many_the_first_twenty_are_said()
    {
        var report = new LoadReport([], [.. Enumerable.Range(0, 23).Select(i => new NamedShape($"p{i}", [i]))], [], []);
        Assert.Equal(23, $"{report}".Split('\n').Length);
        Assert.EndsWith("  p19 [19]\n  and 3 more", $"{report}", StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_mapped_left_out_and_never_merged()
    {
        using var saved = Compile(small, seed: 1);
        using var loaded = Compile(small.As().Named("outer"), seed: 2);
        Right(saved.Save(At("a.safetensors")));
        Assert.Contains("8 unknown", Left(loaded.Load(At("a.safetensors"))), StringComparison.Ordinal);
        Assert.True(Right(loaded.Load(At("a.safetensors"), mapping: name => $"outer.{name}")).Fits);
        Assert.Equal(Snapshot(saved), Snapshot(loaded));
        string? Without(string name) => name == "mask.bias" ? null : $"outer.{name}";
        string? Merged(string name) => name.StartsWith("conv", StringComparison.Ordinal) ? "x" : name;
        Assert.Equal(7, Right(loaded.Load(At("a.safetensors"), strict: false, mapping: Without)).Loaded.Count);
        Assert.Contains(
            "conv.weight and conv.bias both become x; mend the mapping",
            Left(loaded.Load(At("a.safetensors"), strict: false, mapping: Merged)),
            StringComparison.Ordinal
        );
    }

    // ---- files of others: written by PyTorch 1.13, see Fixtures/weights/make.py

    private static readonly (string Name, ScalarType Type, long[] Sizes, double[] Numbers)[] written =
    [
        ("f32", ScalarType.Float32, [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]),
        ("f64", ScalarType.Float64, [2], [0.1, -2.5e300]),
        ("f16", ScalarType.Float16, [3], [0.5, -1.5, 65504]),
        ("bf16", ScalarType.BFloat16, [2], [1, -3.140625]),
        ("i64", ScalarType.Int64, [2], [1, -1099511627776]),
        ("i32", ScalarType.Int32, [2, 1], [7, -8]),
        ("i16", ScalarType.Int16, [2], [300, -300]),
        ("i8", ScalarType.Int8, [2], [-128, 127]),
        ("u8", ScalarType.Byte, [2], [0, 255]),
        ("bool", ScalarType.Bool, [3], [1, 0, 1]),
        ("scalar", ScalarType.Float32, [], [2.25]),
        ("empty", ScalarType.Float32, [0, 3], []),
        ("transposed", ScalarType.Float32, [4, 3], [0, 1, 2, 0.25, 1.25, 2.25, 0.5, 1.5, 2.5, 0.75, 1.75, 2.75]),
        ("shared.row", ScalarType.Float32, [4], [1, 1.25, 1.5, 1.75]),
        ("shared.column", ScalarType.Float32, [3], [0.5, 1.5, 2.5]),
        ("expanded", ScalarType.Float32, [2, 3], [1.5, 1.5, 1.5, 2.5, 2.5, 2.5]),
        ("parameter", ScalarType.Float32, [2], [1, 2]),
        ("bn.num_batches_tracked", ScalarType.Int64, [], [5]),
    ];

    [Theory, InlineData("zip.pth"), InlineData("legacy.pth"), InlineData("python.safetensors")]
    public void Tensors_of_every_type_stride_and_storage_are_read(string name)
    {
        using var file = Right(Weights.Read(Fixture(name)));
        Assert.Equal(written.Select(w => w.Name), file.Tensors.Map(t => t.Name));
        foreach (var (tensor, type, sizes, numbers) in written)
        {
            using var read = Right(file.Read(tensor));
            Assert.Equal((tensor, type), (tensor, read.dtype));
            Assert.Equal(sizes, read.shape);
            Assert.Equal(
                numbers,
                numbers.Length == 0 ? [] : read.to(ScalarType.Float64).contiguous().data<double>().ToArray()
            );
        }
        Assert.Contains("there is no tensor f31; did you mean f32?", Left(file.Read("f31")), StringComparison.Ordinal);
    }

    [Theory, InlineData("nested.pth"), InlineData("nested_twice.pth"), InlineData("deflated.pth")]
    public void A_checkpoint_around_a_state_dictionary_is_taken_off(string name)
    {
        using var file = Right(Weights.Read(Fixture(name)));
        Assert.Equal([new StoredTensor("a", ScalarType.Float32, [3])], file.Tensors);
        using var read = Right(file.Read("a"));
        Assert.Equal([1f, 2f, 3f], read.data<float>().ToArray());
    }

    [Theory, InlineData("refused.pth"), InlineData("refused_legacy.pth")]
    public void Code_in_a_file_is_inert_data_and_never_run(string name)
    {
        using var file = Right(Weights.Read(Fixture(name)));
        Assert.Equal([new StoredTensor("a", ScalarType.Float32, [1])], file.Tensors);
        var held = (PickleValue.Dict)file.Checkpoint.IfNone(PickleValue.None.Value);
        var call = (PickleValue.Made)held.Find("b").IfNone(PickleValue.None.Value);
        Assert.Equal(new PickleName("posix", "system"), call.Name);
        Assert.Equal([new PickleValue.Text("true")], call.Arguments);
    }

    [Theory, InlineData("batchnorm.pth"), InlineData("batchnorm_legacy.pth")]
    public void Batch_counters_are_left_out_silently_and_the_module_computes_what_PyTorch_did(string name)
    {
        using var model = Compile(
            Conv(2, 3).Named("0") >> BatchNorm().Named("1") >> Relu,
            precision: Precision.Float64
        );
        Assert.True(Right(model.Load(Fixture(name))).Fits);
        using var file = Right(Weights.Read(Fixture("batchnorm_run.pth")));
        using var result = model.Run(Right(file.Read("input")));
        Assert.InRange((result - Right(file.Read("output"))).abs().max().item<double>(), 0, 1e-12);
    }

    // ---- damage

    private static byte[] Safe(string header, int elements, long? length = null)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var size = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(size, length ?? json.Length);
        return [.. size, .. json, .. new byte[elements]];
    }

    private const string Cut = "the file ends before it is complete";

    [Theory]
    [InlineData("", 0, -1L, "18446744073709551615")]
    [InlineData("{}", 0, 100L, $"{Cut}: a header of 100 bytes where 2 are left; copy the file again")]
    [InlineData("{}", 3, null, "3 bytes after the last tensor; copy the file again")]
    [InlineData("[]", 0, null, "the header is not a JSON object")]
    [InlineData("{\"a\":", 0, null, "the header is not JSON: ")]
    [InlineData("""{"a":{},"a":{}}""", 0, null, "the header is not JSON: ")]
    [InlineData("""{"\ud800":{}}""", 0, null, "the header holds text that is not Unicode")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 0, null, "tensor a lacks its dtype, shape or data_offsets")]
    [InlineData("""{"a":{D(C64)"shape":[1],A[8,0]}}""", 8, null, "tensor a is at bytes 8 to 0")]
    [InlineData(
        """{"a":{D(F32)"shape":[-1],A[0,4]}}""",
        4,
        null,
        "tensor a has the shape [-1] and the offsets [0,4], which are not lists"
    )]
    [InlineData(
        """{"a":{D(F32)"shape":[2],A[0,4]}}""",
        4,
        null,
        "tensor a of Float32 [2] is at bytes 0 to 4, which is not its size"
    )]
    [InlineData(
        """{"a":{D(F32)"shape":[4294967296,4294967296],A[0,4]}}""",
        4,
        null,
        "tensor a of Float32 [4294967296, 4294967296] is at"
    )]
    [InlineData(
        """{"a":{D(F32)"shape":[1],A[4,0]}}""",
        4,
        null,
        "tensor a of Float32 [1] is at bytes 4 to 0, which is not its size"
    )]
    [InlineData(
        """{"a":{D(F32)"shape":[2],A[0,8]}}""",
        7,
        null,
        $"{Cut}: tensor a ends at byte 8 of 7; copy the file again"
    )]
    [InlineData(
        """{"a":{D(F32)"shape":[2],A[0,8]},"b":{D(F32)"shape":[1],A[4,8]}}""",
        8,
        null,
        "tensor b begins at byte 4, inside the one before, which ends at 8; copy the file again"
    )]
    [InlineData(
        """{"a":{D(F32)"shape":[1],A[4,8]}}""",
        8,
        null,
        "tensor a begins at byte 4, not next to the one before, which ends at 0; copy the file again"
    )]
    public void A_bad_header_is_an_error(string header, int elements, long? length, string error)
    {
        var json = header
            .Replace("D(", "\"dtype\":\"", StringComparison.Ordinal)
            .Replace(")", "\",", StringComparison.Ordinal)
            .Replace("A[", "\"data_offsets\":[", StringComparison.Ordinal);
        File.WriteAllBytes(At("a.safetensors"), Safe(json, elements, length));
        var said = Left(Weights.Read(At("a.safetensors"))).Replace("a header of 18", "18", StringComparison.Ordinal);
        Assert.StartsWith($"{At("a.safetensors")}: {error}", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_none_of_these_are_said_to_be_none()
    {
        Assert.Equal($"{At("none.pth")}: there is no such file", Left(Weights.Read(At("none.pth"))));
        File.WriteAllText(At("text.pth"), "something else altogether");
        Assert.Equal(
            $"{At("text.pth")}: neither .safetensors nor a .pth of PyTorch; save the state dictionary with torch.save or safetensors",
            Left(Weights.Read(At("text.pth")))
        );
        using (
            var zip = System.IO.Compression.ZipFile.Open(At("other.pth"), System.IO.Compression.ZipArchiveMode.Create)
        )
            zip.CreateEntry("a/readme");
        Assert.Equal(
            $"{At("other.pth")}: a zip archive without data.pkl: not saved by torch.save",
            Left(Weights.Read(At("other.pth")))
        );
        Assert.Contains(
            "no state dictionary: it holds epoch",
            Left(Weights.Read(Fixture("stateless.pth"))),
            StringComparison.Ordinal
        );
    }

    private static readonly string[] fixtures =
    [
        "zip.pth",
        "legacy.pth",
        "nested.pth",
        "deflated.pth",
        "checkpoint.pth",
        "checkpoint_legacy.pth",
        "unread.pth",
        "unread_legacy.pth",
        "python.safetensors",
    ];

    [Property(MaxTest = 200)]
    public Property A_file_that_is_cut_off_is_an_error() =>
        Prop.ForAll(
            (
                from name in Gen.Elements(fixtures)
                from cut in Gen.Choose(0, (int)new FileInfo(Fixture(name)).Length - 1)
                select (name, cut)
            ).ToArbitrary(),
            cut =>
            {
                File.WriteAllBytes(At("cut"), File.ReadAllBytes(Fixture(cut.name))[..cut.cut]);
                return Weights.Read(At("cut")).IsLeft;
            }
        );

    [Property(MaxTest = 500)]
    public Property A_damaged_file_is_an_error_or_is_read() =>
        Prop.ForAll(
            (
                from name in Gen.Elements(fixtures)
                from at in Gen.Choose(0, (int)new FileInfo(Fixture(name)).Length - 1)
                from with in Gen.Choose(0, 255)
                select (name, at, with)
            ).ToArbitrary(),
            damage =>
            {
                var bytes = File.ReadAllBytes(Fixture(damage.name));
                bytes[damage.at] = (byte)damage.with;
                File.WriteAllBytes(At("damaged"), bytes);
                return Weights
                    .Read(At("damaged"))
                    .Match(
                        Left: wrong => $"{wrong}".Length > 0,
                        Right: file =>
                        {
                            using (file)
                                return file.Tensors.ForAll(t => IsReadOrRefused(file, t));
                        }
                    );
            }
        );

    private static bool IsReadOrRefused(WeightsFile file, StoredTensor tensor) =>
        file.Read(tensor.Name)
            .Match(
                Left: wrong => $"{wrong}".Length > 0,
                Right: read =>
                {
                    using (read)
                        return read.shape.SequenceEqual(tensor.Sizes);
                }
            );

    // ---- names

    [Theory]
    [InlineData("conv1.weight", "backbone.conv1.weight")]
    [InlineData("layer4.2.bn3.running_var", "backbone.layer4.2.bn3.running_var")]
    [InlineData("backbone.layer1.0.conv1.weight", "backbone.layer1.0.conv1.weight")]
    [InlineData("fc.weight", null)]
    [InlineData("classifier.4.bias", null)]
    [InlineData("aux_classifier.0.weight", null)]
    public void Torchvisions_names_go_below_the_backbone(string name, string? mapped) =>
        Assert.Equal(mapped, Mappings.Torchvision(name));

    [Fact]
    public void A_mapping_is_read_from_lines_each_changing_what_those_before_made()
    {
        var mapping = Mappings
            .Read(Fixture("caffe.map"))
            .Match(Succ: m => m, Fail: wrong => throw new InvalidOperationException(string.Join("\n", wrong)));
        Assert.Equal("backbone.conv1.weight", mapping("module.conv1.weight"));
        Assert.Equal("backbone.bn1.running_mean", mapping("bn_conv1.running_mean"));
        Assert.Equal("backbone.layer1.0.conv1.weight", mapping("res2a_branch2a.weight"));
        Assert.Equal("backbone.layer1.1.bn3.bias", mapping("bn2b_branch2c.bias"));
        Assert.Equal("backbone.layer3.22.conv2.weight", mapping("res4b22_branch2b.weight"));
        Assert.Equal("backbone.layer2.0.downsample.1.running_var", mapping("bn3a_branch1.running_var"));
        Assert.Null(mapping("fc1_voc12_c0.weight"));
        Assert.Equal("other", mapping("other"));
    }

    [Fact]
    public void Each_line_that_is_not_a_rule_is_an_error() =>
        Assert.Equal(
            new[]
            {
                "m: line 2 is not a rule: b = c; write pattern -> replacement",
                "m: line 4 has a regular expression that is not read: Invalid pattern '(' at offset 1. Not enough )'s",
            },
            Mappings.Parse("a -> b\nb = c\n# all's well\n( -> d", "m").FailToSeq().Map(wrong => $"{wrong}").ToArray()
        );
}

internal static class Typed
{
    public static Layer<FeatureMap, FeatureMap> As(this Layer layer) => (Layer<FeatureMap, FeatureMap>)layer;
}
