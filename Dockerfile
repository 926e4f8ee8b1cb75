FROM python:3.11-slim
WORKDIR /app
COPY pyproject.toml constraints.txt README.md ./
COPY assistant assistant
RUN pip install --no-cache-dir -c constraints.txt .
RUN useradd --create-home service && mkdir data && chown service data
USER service
EXPOSE 8080
CMD ["sh", "-c", "assistant models pull all-minilm-l6-v2 smollm2-135m && exec assistant serve"]
