using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

/// <summary>
/// A compiled module in the form of TorchSharp's modules of one or two tensors. It has no parameters of its own: it
/// names, loads, trains, moves and frees those of the compiled module, under the same names.
/// </summary>
internal static class TorchModule
{
    public sealed class Unary : nn.Module<Tensor, Tensor>
    {
        private readonly Compiled inner;

        public Unary(Compiled inner)
            : base("model")
        {
            this.inner = inner;
            Share(inner, this);
        }

        public override Tensor forward(Tensor input) => inner.Run(input);

        public override bool training => inner.training;

        public override void train(bool train = true) => inner.train(train);

        public override (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
            Dictionary<string, Tensor> source,
            bool strict = true,
            IList<string>? skip = null
        ) => inner.load_state_dict(source, strict, skip);

        public override nn.Module load(
            string location,
            bool strict = true,
            IList<string>? skip = null,
            Dictionary<string, bool>? loadedParameters = null
        ) => inner.load(location, strict, skip, loadedParameters);

        public override nn.Module load(
            BinaryReader reader,
            bool strict = true,
            IList<string>? skip = null,
            Dictionary<string, bool>? loadedParameters = null
        ) => inner.load(reader, strict, skip, loadedParameters);

        protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
        {
            Move(inner, dtype, device, non_blocking);
            foreach (var (name, parameter) in inner.named_parameters(false))
                ConditionallyRegisterParameter(name, parameter);
            foreach (var (name, buffer) in inner.named_buffers(false))
                ConditionallyRegisterBuffer(name, buffer);
            // All is moved; what is left is to note where.
            base._toEpilog(dtype, device, non_blocking);
        }

        protected override void RegisterComponents() { }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }

    public sealed class Binary : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly Compiled inner;

        public Binary(Compiled inner)
            : base("model")
        {
            this.inner = inner;
            Share(inner, this);
        }

        public override Tensor forward(Tensor first, Tensor second) => inner.Run(first, second);

        public override bool training => inner.training;

        public override void train(bool train = true) => inner.train(train);

        public override (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
            Dictionary<string, Tensor> source,
            bool strict = true,
            IList<string>? skip = null
        ) => inner.load_state_dict(source, strict, skip);

        public override nn.Module load(
            string location,
            bool strict = true,
            IList<string>? skip = null,
            Dictionary<string, bool>? loadedParameters = null
        ) => inner.load(location, strict, skip, loadedParameters);

        public override nn.Module load(
            BinaryReader reader,
            bool strict = true,
            IList<string>? skip = null,
            Dictionary<string, bool>? loadedParameters = null
        ) => inner.load(reader, strict, skip, loadedParameters);

        protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
        {
            Move(inner, dtype, device, non_blocking);
            foreach (var (name, parameter) in inner.named_parameters(false))
                ConditionallyRegisterParameter(name, parameter);
            foreach (var (name, buffer) in inner.named_buffers(false))
                ConditionallyRegisterBuffer(name, buffer);
            // All is moved; what is left is to note where.
            base._toEpilog(dtype, device, non_blocking);
        }

        protected override void RegisterComponents() { }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }

    private static void Share(Compiled inner, nn.Module with)
    {
        foreach (var (name, child) in inner.named_children())
            with.register_module(name, child);
        foreach (var (name, parameter) in inner.named_parameters(false))
            with.register_parameter(name, parameter);
        foreach (var (name, buffer) in inner.named_buffers(false))
            with.register_buffer(name, buffer);
    }

    private static void Move(Compiled inner, ScalarType? dtype, Device? device, bool non_blocking)
    {
        if (device is not null && dtype is { } both)
            inner.to(device, both, non_blocking: non_blocking);
        else if (device is not null)
            inner.to(device, non_blocking: non_blocking);
        else if (dtype is { } type)
            inner.to(type, non_blocking: non_blocking);
    }
}
