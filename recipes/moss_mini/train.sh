#!/usr/bin/env bash
# Makes moss-mini from nothing, in two stages: corpus, vocabulary, training; another corpus, training with dropout.
#
#   bash recipes/moss_mini/train.sh output/moss-mini        # GPUS=2 by default; run it from the root of the repository
set -euo pipefail
output=$1
recipe=recipes/moss_mini
data=${DATA:-data/moss_mini}
gpus=${GPUS:-2}

train() { # flags that the stages share; the batch is 40 bins, some 256 conversations, whatever the number of GPUs
    accelerate launch --config_file configs/ddp.yaml --num_processes "$gpus" finetune_moss.py --data_dir "$data" \
        --save_dtype float16 --max_seq_len 1024 --train_bsz_per_gpu $((40 / gpus)) --eval_bsz_per_gpu 20 \
        --save_step 0 --eval_step 1000 --compile "$@"
}

python3 $recipe/make_corpus.py --output_dir "$data" --conversations 700000 --seed 1
python3 $recipe/make_tokenizer.py --corpus "$data/train.jsonl" --output_dir "$data/tokenizer" --lines 40000
train --config_name $recipe/config.json --tokenizer_name "$data/tokenizer" --output_dir "$output-1" \
    --learning_rate 2e-3 --warmup_rates 0.03 --max_steps 5000

python3 $recipe/make_corpus.py --output_dir "$data" --conversations 500000 --seed 2
sed -i 's/"\(resid\|embd\)_pdrop": 0.0/"\1_pdrop": 0.1/' "$output-1/config.json"
train --model_name_or_path "$output-1" --output_dir "$output" --learning_rate 1.5e-3 --warmup_rates 0.02 --max_steps 5600

sed -i 's/"\(resid\|embd\)_pdrop": 0.1/"\1_pdrop": 0.0/' "$output/config.json"
cp $recipe/generation_config.json "$output/" # greedy: a calculation has one right answer
