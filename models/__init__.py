"""MOSS: configuration, tokenizer, chat format and model.

Importing this package also tells transformers that "moss" is ours, so that AutoConfig, AutoTokenizer, AutoModel and
AutoModelForCausalLM find these classes for a checkpoint whose config.json says `"model_type": "moss"`, without
trust_remote_code. What save_pretrained writes has the code with it (see `MossConfig.save_pretrained`), for processes
that have no such package.
"""

from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer

from .configuration_moss import MossConfig
from .modeling_moss import MossForCausalLM, MossModel
from .tokenization_moss import MossTokenizer

# exist_ok: the package may be imported a second time under another name, as notebooks and test runners do.
AutoConfig.register(MossConfig.model_type, MossConfig, exist_ok=True)
AutoTokenizer.register(MossConfig, tokenizer_class=MossTokenizer, exist_ok=True)
AutoModel.register(MossConfig, MossModel, exist_ok=True)
AutoModelForCausalLM.register(MossConfig, MossForCausalLM, exist_ok=True)

# These two bring their modules, and all that those import, into every folder that they are saved to.
MossConfig.register_for_auto_class()
MossTokenizer.register_for_auto_class()

__all__ = ["MossConfig", "MossForCausalLM", "MossModel", "MossTokenizer"]
