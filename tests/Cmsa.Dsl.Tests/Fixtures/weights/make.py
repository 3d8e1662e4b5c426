import json, os, struct, zipfile

import torch
from collections import OrderedDict
# Makes the files beside it, which other files' tests read: python3 make.py (PyTorch 1.13).
out=os.path.dirname(os.path.abspath(__file__))
base=torch.arange(12, dtype=torch.float32)/4
sd=OrderedDict()
sd['f32']=base[:6].reshape(2,3).clone()
sd['f64']=torch.tensor([0.1,-2.5e300],dtype=torch.float64)
sd['f16']=torch.tensor([0.5,-1.5,65504.],dtype=torch.float16)
sd['bf16']=torch.tensor([1.0,-3.140625],dtype=torch.bfloat16)
sd['i64']=torch.tensor([1,-2**40],dtype=torch.int64)
sd['i32']=torch.tensor([[7],[-8]],dtype=torch.int32)
sd['i16']=torch.tensor([300,-300],dtype=torch.int16)
sd['i8']=torch.tensor([-128,127],dtype=torch.int8)
sd['u8']=torch.tensor([0,255],dtype=torch.uint8)
sd['bool']=torch.tensor([True,False,True])
sd['scalar']=torch.tensor(2.25)
sd['empty']=torch.zeros(0,3)
sd['transposed']=base.reshape(3,4).t()
sd['shared.row']=base.reshape(3,4)[1]
sd['shared.column']=base.reshape(3,4)[:,2]
sd['expanded']=torch.tensor([[1.5],[2.5]]).expand(2,3)
sd['parameter']=torch.nn.Parameter(torch.tensor([1.,2.]))
sd['bn.num_batches_tracked']=torch.tensor(5)
sd._metadata=OrderedDict([('',dict(version=1))])
torch.save(sd, out+'/zip.pth')
torch.save(sd, out+'/legacy.pth', _use_new_zipfile_serialization=False)
torch.save({'epoch':3,'state_dict':OrderedDict(a=torch.tensor([1.,2.,3.])),'best':0.5,'note':'x'}, out+'/nested.pth')
torch.save({'model':{'state_dict':{'a':torch.tensor([1.,2.,3.])}}}, out+'/nested_twice.pth', _use_new_zipfile_serialization=False)
class Evil:
    def __reduce__(self): return (os.system, ('true',))
torch.save({'a':torch.zeros(1),'b':Evil()}, out+'/refused.pth')
torch.save({'a':torch.zeros(1),'b':Evil()}, out+'/refused_legacy.pth', _use_new_zipfile_serialization=False)
# A zip whose entries are compressed: not what torch writes, but what repacking makes.
src=zipfile.ZipFile(out+'/nested.pth'); dst=zipfile.ZipFile(out+'/deflated.pth','w',zipfile.ZIP_DEFLATED)
for n in src.namelist(): dst.writestr(n, src.read(n))
dst.close()
# safetensors, by the format's own description
def st(path, tensors, metadata=None):
    names={'F32':torch.float32,'F64':torch.float64,'F16':torch.float16,'BF16':torch.bfloat16,'I64':torch.int64,'I32':torch.int32,'I16':torch.int16,'I8':torch.int8,'U8':torch.uint8,'BOOL':torch.bool}
    of={v:k for k,v in names.items()}
    h={};data=b''
    if metadata: h['__metadata__']=metadata
    for k,t in tensors.items():
        t=t.detach().contiguous()
        raw = b'' if t.numel()==0 else bytes(t.reshape(-1).view(torch.uint8).numpy().tobytes()) if t.dtype!=torch.bool else bytes(t.to(torch.uint8).numpy().tobytes())
        if t.dim()==0: raw=bytes(t.reshape(1).view(torch.uint8).numpy().tobytes())
        h[k]=dict(dtype=of[t.dtype],shape=list(t.shape),data_offsets=[len(data),len(data)+len(raw)]); data+=raw
    j=json.dumps(h).encode(); j+=b' '*(-len(j)%8)
    open(path,'wb').write(struct.pack('<Q',len(j))+j+data)
st(out+'/python.safetensors', sd, {'format':'pt'})
torch.manual_seed(0)
m=torch.nn.Sequential(torch.nn.Conv2d(3,2,3,padding=1),torch.nn.BatchNorm2d(2),torch.nn.ReLU()).double()
for _ in range(3): m(torch.randn(2,3,4,4).double()+1)
m.eval()
x=torch.randn(2,3,4,4).double()
with torch.no_grad(): y=m(x)
torch.save(m.state_dict(), out+'/batchnorm.pth')
torch.save(m.state_dict(), out+'/batchnorm_legacy.pth', _use_new_zipfile_serialization=False)
torch.save(dict(input=x.contiguous(),output=y), out+'/batchnorm_run.pth')
torch.save({'epoch':1}, out+'/stateless.pth')
# Checkpoints as training scripts save them.
import argparse, collections
import numpy as np
model=torch.nn.Linear(2,1,bias=False)
with torch.no_grad(): model.weight.copy_(torch.tensor([[1.,2.]]))
optimizer=torch.optim.Adam(model.parameters())
model(torch.ones(1,2)).sum().backward(); optimizer.step()
state={'weight':torch.tensor([[1.,2.]])}
checkpoint={
    'net':state,'optimizer':optimizer.state_dict(),'epoch':3,'best_acc1':torch.tensor(0.5),
    'args':argparse.Namespace(lr=0.1,device=torch.device('cuda',0)),'shape':torch.Size([1,2]),'dtype':torch.float16,
    'loss':np.float32(0.25),'scores':np.ones((2,2)),'history':collections.defaultdict(list,{'loss':[1.0]}),
    'ordered':collections.OrderedDict([('a',1)]),
}
torch.save(checkpoint, out+'/checkpoint.pth')
torch.save(checkpoint, out+'/checkpoint_legacy.pth', _use_new_zipfile_serialization=False)
# Tensors that are not read, beside one that is.
unread={
    'good':torch.tensor([1.,2.]),'complex':torch.ones(3,dtype=torch.complex64),
    'quantised':torch.quantize_per_tensor(torch.ones(2,2),0.1,0,torch.qint8),'sparse':torch.eye(2).to_sparse(),'last':torch.tensor([3.]),
}
torch.save(unread, out+'/unread.pth')
torch.save(unread, out+'/unread_legacy.pth', _use_new_zipfile_serialization=False)
# A whole model, pickled. (The older format holds the source of its class too.)
torch.save(model, out+'/model.pth')
